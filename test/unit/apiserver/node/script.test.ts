import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ContainerExit, RunningContainer } from "../../../../src/apiserver/node/container.ts";
import { scriptRunner } from "../../../../src/apiserver/node/script.ts";
import { FakeClock } from "../../../../src/lib/fake-clock.ts";

interface Played {
  readonly clock: FakeClock;
  readonly container: RunningContainer;
  readonly lines: string[];
  readonly exits: { readonly atMs: number; readonly exit: ContainerExit }[];
}

function play(annotations: Readonly<Record<string, string>>): Played {
  const clock = new FakeClock();
  const lines: string[] = [];
  const exits: Played["exits"] = [];
  const spec = { podUid: "p", podName: "p", annotations, argv: [], env: {}, workingDir: undefined };
  const container = scriptRunner(clock)(spec, { line: (text) => lines.push(text), exit: (exit) => exits.push({ atMs: clock.monotonic(), exit }) });
  return { clock, container, lines, exits };
}

describe("a scripted container", () => {
  it("runs 300 ms and succeeds when nothing is said", async () => {
    const { clock, exits } = play({});
    await clock.advance(1000);
    assert.deepEqual(exits, [{ atMs: 300, exit: { exitCode: 0, reason: "Completed" } }]);
  });

  it("plays its script: output, duration, exit code, OOM", async () => {
    const { clock, exits, lines } = play({ "ro.dev/script": '{"runMs": 50, "oomKilled": true, "log": ["hello", "world"]}' });
    await clock.advance(1000);
    assert.deepEqual(exits, [{ atMs: 50, exit: { exitCode: 137, reason: "OOMKilled" } }]);
    assert.deepEqual(lines, ["hello", "world"]);
  });

  it("ends at once when told to stop, with 143", async () => {
    const { clock, container, exits } = play({});
    await clock.advance(100);
    container.stop(30_000);
    await clock.advance(1000);
    assert.deepEqual(exits, [{ atMs: 100, exit: { exitCode: 143, reason: "Error" } }]);
  });

  it("runs on for its stop time, and is killed with 137 when its grace is shorter", async () => {
    const polite = play({ "ro.dev/script": '{"runMs": 60000}', "ro.dev/stop-ms": "2000" });
    polite.container.stop(30_000);
    await polite.clock.advance(60_000);
    assert.deepEqual(polite.exits, [{ atMs: 2000, exit: { exitCode: 143, reason: "Error" } }]);
    const stubborn = play({ "ro.dev/script": '{"runMs": 60000}', "ro.dev/stop-ms": "50000" });
    stubborn.container.stop(5000);
    await stubborn.clock.advance(60_000);
    assert.deepEqual(stubborn.exits, [{ atMs: 5000, exit: { exitCode: 137, reason: "Error" } }]);
  });

  it("ends as its script says when that comes before the end of its stop time", async () => {
    const { clock, container, exits } = play({ "ro.dev/stop-ms": "2000" });
    container.stop(30_000);
    await clock.advance(5000);
    assert.deepEqual(exits, [{ atMs: 300, exit: { exitCode: 0, reason: "Completed" } }]);
  });

  it("does not live longer because it is told to stop a second time with more grace", async () => {
    const { clock, container, exits } = play({ "ro.dev/script": '{"runMs": 60000}', "ro.dev/stop-ms": "50000" });
    container.stop(1000);
    container.stop(30_000);
    await clock.advance(60_000);
    assert.equal(exits.at(0)?.atMs, 1000);
    assert.equal(exits.length, 1);
  });

  it("with a script that is no JSON fails to start and says why", async () => {
    const { clock, exits, lines } = play({ "ro.dev/script": "{" });
    await clock.advance(1);
    assert.equal(exits.at(0)?.exit.exitCode, 128);
    assert.match(lines.join("\n"), /no JSON/);
  });

  it("says nothing any more once it was killed", async () => {
    const { clock, container, exits } = play({});
    await container.kill();
    await clock.advance(1000);
    assert.deepEqual(exits, []);
    assert.equal(clock.pendingTimers, 0);
  });
});
