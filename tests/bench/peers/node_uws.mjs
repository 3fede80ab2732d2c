// socket.io on Node.js with uWebSockets.js, of which this package of the npm registry holds builds for Node 16, 18 and 20.

import uws from "@trufflesuite/uws-js-unofficial";
import { Server } from "socket.io";

import { serveRooms } from "./rooms.mjs";

// Without a build for this Node the package falls back to one in JavaScript: another server than the one to measure.
const isNative = process.report.getReport().sharedObjects.some((file) => /uws_[^/]*\.node$/.test(file));
if (!isNative) throw new Error(`the package holds no uWebSockets.js for Node ${process.version}`);

const app = uws.App();
const io = new Server({ serveClient: false });
io.attachApp(app);
serveRooms(io);
app.listen("127.0.0.1", Number(process.argv[2]), (isListening) => {
  if (!isListening) throw new Error("the port is taken");
});
