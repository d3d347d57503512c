import { parentPort } from "node:worker_threads";
import { runChunk, type Chunk, type ChunkNews } from "./chunk.ts";

// One core of a simulation: runs what it is sent, chunk by chunk. Refusals are daily bread here, and nobody reads where they came from.
Error.stackTraceLimit = 0;
const port = parentPort;
if (!port) throw new Error("this file is the worker of simulate.ts");
const tell = (news: ChunkNews): void => port.postMessage(news);
port.on("message", (chunk: Chunk) => void runChunk(chunk, (seed) => tell({ kind: "begins", seed })).then((result) => tell({ kind: "done", result })));
