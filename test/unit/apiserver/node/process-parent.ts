import { processRunner } from "../../../../src/apiserver/node/process.ts";
import { systemClock } from "../../../../src/lib/clock.ts";

// A program whose containers outlive it unless the guard works: prints the pids of its container and of that one's child.
const script = 'sleep 1000 & echo "$$ $!"; wait';
const run = processRunner({ clock: systemClock, baseEnv: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" } });
const spec = { podUid: "p", podName: "p", annotations: {}, argv: ["sh", "-c", script], env: {}, workingDir: undefined };
run(spec, { line: (text) => console.log(text), exit: () => undefined });
