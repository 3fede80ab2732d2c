// socket.io on Bun with its own engine.

import { Server as Engine } from "@socket.io/bun-engine";
import { Server } from "socket.io";

import { serveRooms } from "./rooms.mjs";

const engine = new Engine({ path: "/socket.io/" });
const io = new Server();
io.bind(engine);
serveRooms(io);
Bun.serve({ hostname: "127.0.0.1", port: Number(process.argv[2]), ...engine.handler() });
