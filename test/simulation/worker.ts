import { parentPort } from "node:worker_threads";
import { runChunk, type Chunk } from "./chunk.ts";

// One core of a simulation: runs what it is sent, chunk by chunk.
const port = parentPort;
if (!port) throw new Error("this file is the worker of simulate.ts");
port.on("message", (chunk: Chunk) => void runChunk(chunk).then((result) => port.postMessage(result)));
