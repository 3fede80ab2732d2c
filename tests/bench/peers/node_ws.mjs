// socket.io on Node.js with ws, its usual engine.

import { createServer } from "node:http";

import { Server } from "socket.io";

import { serveRooms } from "./rooms.mjs";

const server = createServer();
serveRooms(new Server(server, { serveClient: false }));
server.listen(Number(process.argv[2]), "127.0.0.1");
