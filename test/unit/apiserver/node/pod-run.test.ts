import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Pod } from "../../../../src/api/pod.ts";
import { Ledger } from "../../../../src/apiserver/node/ledger.ts";
import { PodRun } from "../../../../src/apiserver/node/pod-run.ts";
import { podStatus } from "../../../../src/apiserver/node/pod-status.ts";
import { scriptRunner } from "../../../../src/apiserver/node/script.ts";
import { FakeClock } from "../../../../src/lib/fake-clock.ts";

interface Running {
  readonly clock: FakeClock;
  readonly run: PodRun;
  readonly ledger: Ledger;
  /** The views in the order in which they were told. */
  readonly seen: string[];
}

function pod(annotations: Readonly<Record<string, string>>, restartPolicy: "Never" | "OnFailure" = "Never", phase: "Pending" | "Running" = "Pending"): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "fix-abcde", namespace: "ns", uid: "pod-1", resourceVersion: "1", creationTimestamp: "", annotations,
      ownerReferences: [{ apiVersion: "batch/v1", kind: "Job", name: "fix", uid: "job-1", controller: true }],
    },
    spec: { nodeName: "n", restartPolicy, containers: [{ name: "main", env: [{ name: "RO_RUN_ID", value: "7" }] }] },
    status: { phase },
  };
}

function start(of: Pod): Running {
  const clock = new FakeClock(0);
  const ledger = new Ledger();
  const seen: string[] = [];
  const changed = (): void => {
    const view = run.view;
    if (view) seen.push(`${clock.monotonic()} ${view.state} ${view.restarts} ${podStatus(of, view, clock.now())["phase"] as string}`);
  };
  const run: PodRun = new PodRun({ clock, run: scriptRunner(clock), ledger, startMs: 10, line: () => undefined, changed }, of);
  return { clock, run, ledger, seen };
}

describe("a pod on the node", () => {
  it("runs, ends, and stands in the ledger with its job and its environment", async () => {
    const { clock, ledger, seen } = start(pod({}));
    await clock.advance(1000);
    assert.deepEqual(seen, ["10 running 0 Running", "310 ended 0 Succeeded"]);
    assert.deepEqual(ledger.entries, [
      { podUid: "pod-1", podName: "fix-abcde", namespace: "ns", jobUid: "job-1", jobName: "fix", env: { RO_RUN_ID: "7" }, startedMs: 10, endedMs: 310, exitCode: 0 },
    ]);
    assert.equal(clock.pendingTimers, 0);
  });

  it("that fails is not started again with restartPolicy Never", async () => {
    const { clock, seen } = start(pod({ "ro.dev/script": '{"exitCode": 2}' }));
    await clock.advance(60_000);
    assert.deepEqual(seen, ["10 running 0 Running", "310 ended 0 Failed"]);
  });

  it("that fails is started again after 10 s with OnFailure, then after 20 s", async () => {
    const { clock, ledger, seen } = start(pod({ "ro.dev/script": '{"runMs": 90, "exitCode": 2}' }, "OnFailure"));
    await clock.advance(31_000);
    assert.deepEqual(seen.slice(0, 5), ["10 running 0 Running", "100 restarting 1 Running", "10100 running 1 Running", "10190 restarting 2 Running", "30190 running 2 Running"]);
    assert.equal(ledger.entries.length, 3);
  });

  it("that is deleted runs on for its stop time", async () => {
    const { clock, run, ledger, seen } = start(pod({ "ro.dev/script": '{"runMs": 60000}', "ro.dev/stop-ms": "2000" }));
    await clock.advance(100);
    run.stop(30_000);
    await clock.advance(1000);
    assert.equal(ledger.entries.at(0)?.endedMs, undefined);
    await clock.advance(60_000);
    assert.equal(ledger.entries.at(0)?.endedMs, 2100);
    assert.equal(seen.at(-1), "2100 ended 0 Failed");
  });

  it("that is deleted with no grace still has up to a second", async () => {
    const { clock, run, ledger } = start(pod({ "ro.dev/script": '{"runMs": 60000}', "ro.dev/stop-ms": "5000" }));
    await clock.advance(100);
    run.stop(0);
    await clock.advance(60_000);
    assert.equal(ledger.entries.at(0)?.endedMs, 1100);
  });

  it("that is deleted before it started never runs", async () => {
    const { clock, run, ledger, seen } = start(pod({}));
    run.stop(30_000);
    await clock.advance(1000);
    assert.deepEqual(seen, ["0 ended 0 Failed"]);
    assert.deepEqual(ledger.entries, []);
  });

  it("that an earlier node was running is lost, and is not run a second time", async () => {
    const { clock, ledger, seen } = start(pod({}, "Never", "Running"));
    await clock.advance(1000);
    assert.deepEqual(seen, ["10 ended 0 Failed"]);
    assert.deepEqual(ledger.entries, []);
  });

  it("dies with the node: the ledger knows, nobody else is told", async () => {
    const { clock, run, ledger, seen } = start(pod({}));
    await clock.advance(100);
    await run.kill();
    assert.deepEqual(ledger.entries.map(({ endedMs, exitCode }) => [endedMs, exitCode]), [[100, 137]]);
    assert.deepEqual(seen, ["10 running 0 Running"]);
    assert.equal(clock.pendingTimers, 0);
  });
});
