import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { ContainerExit, RunningContainer } from "../../../../src/apiserver/node/container.ts";
import { processRunner } from "../../../../src/apiserver/node/process.ts";
import { systemClock } from "../../../../src/lib/clock.ts";

interface Ran {
  readonly container: RunningContainer;
  readonly lines: string[];
  readonly exit: Promise<ContainerExit>;
  /** Resolves with the n-th line, from 0. */
  readonly line: (n: number) => Promise<string>;
}

const PATH = process.env["PATH"] ?? "/usr/bin:/bin";

function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Ran {
  const lines: string[] = [];
  const ended = Promise.withResolvers<ContainerExit>();
  const waiting: { readonly n: number; resolve(line: string): void }[] = [];
  const spec = { podUid: "p", podName: "p", annotations: {}, argv, env, workingDir: undefined };
  const container = processRunner({ clock: systemClock, baseEnv: { PATH } })(spec, {
    line: (text) => {
      lines.push(text);
      for (const waiter of waiting) if (waiter.n === lines.length - 1) waiter.resolve(text);
    },
    exit: ended.resolve,
  });
  const line = (n: number): Promise<string> => new Promise((resolve) => (lines[n] === undefined ? waiting.push({ n, resolve }) : resolve(lines[n])));
  return { container, lines, exit: ended.promise, line };
}

// A zombie is dead: whoever inherited it has only not looked yet.
function isAlive(pid: number): boolean {
  const { status, stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return status === 0 && !stdout.trim().startsWith("Z");
}

async function gone(pid: number): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (!isAlive(pid)) return;
    await systemClock.sleep(10);
  }
  assert.fail(`process ${pid} is still there`);
}

describe("a container as a process", { skip: process.platform === "win32" ? "needs a POSIX shell" : false }, () => {
  it("tells its output, from both streams, and its exit code", async () => {
    const { lines, exit } = run(["sh", "-c", "echo out; echo err >&2; exit 3"]);
    assert.deepEqual(await exit, { exitCode: 3, reason: "Error" });
    assert.deepEqual([...lines].sort(), ["err", "out"]);
  });

  it("has its environment and what was handed down, and nothing else of ours", async () => {
    process.env["RO_TEST_SECRET"] = "ours";
    const { lines, exit } = run(["sh", "-c", 'echo "$RO_RUN_ID|$RO_TEST_SECRET"; true'], { RO_RUN_ID: "7" });
    assert.deepEqual(await exit, { exitCode: 0, reason: "Completed" });
    assert.deepEqual(lines, ["7|"]);
  });

  it("of an unknown command fails with 127", async () => {
    assert.equal((await run(["no-such-command-here"]).exit).exitCode, 127);
  });

  it("without a command fails with 128 and says why", async () => {
    const { lines, exit } = run([]);
    assert.equal((await exit).exitCode, 128);
    assert.match(lines.join(), /no command/);
  });

  it("may clean up when it is told to stop", async () => {
    const { container, exit, line } = run(["sh", "-c", 'trap "echo bye; exit 5" TERM; echo up; while :; do sleep 0.02; done']);
    await line(0);
    container.stop(60_000);
    assert.equal((await exit).exitCode, 5);
    assert.equal(await line(1), "bye");
  });

  it("that does not listen is killed when its grace is over", async () => {
    const { container, exit, line } = run(["sh", "-c", 'trap "" TERM; echo up; while :; do sleep 0.02; done']);
    await line(0);
    container.stop(100);
    assert.deepEqual(await exit, { exitCode: 137, reason: "Error" });
  });

  it("leaves nothing behind when its command ends", async () => {
    const { exit, line } = run(["sh", "-c", "sleep 1000 & echo $!; exit 0"]);
    const pid = Number(await line(0));
    assert.equal((await exit).exitCode, 0);
    await gone(pid);
  });

  it("is gone, children and all, once kill resolves, and tells no exit", async () => {
    const { container, exit, line } = run(["sh", "-c", 'sleep 1000 & echo "$$ $!"; wait']);
    const pids = (await line(0)).split(" ").map(Number);
    await container.kill();
    for (const pid of pids) await gone(pid);
    assert.equal(await Promise.race([exit, Promise.resolve("nothing")]), "nothing");
  });

  it("dies with this program even when that is killed without a chance to clean up", async () => {
    const parent = spawn(process.execPath, [fileURLToPath(new URL("process-parent.ts", import.meta.url))], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(createInterface({ input: parent.stdout }), "line")) as [string]; // The one line that it prints.
    parent.kill("SIGKILL");
    for (const pid of line.split(" ").map(Number)) await gone(pid);
  });
});
