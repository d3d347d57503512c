import { hashOfTrace } from "./trace-of.ts";

// A process of its own for the seeds that it is given: one line each, with the hash of its trace.
for (const seed of process.argv.slice(2)) process.stdout.write(`${seed} ${await hashOfTrace(Number(seed))}\n`);
