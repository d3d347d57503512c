import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { WorkflowPhase } from "../../../src/api/workflow-execution.ts";
import { standingOf } from "../../../src/workers/execution/contenders.ts";
import { workflowExecution } from "../../support/builders.ts";

const at = (second: number) => ({ creationTimestamp: `2026-01-01T00:00:0${second}Z` });
const mine = workflowExecution("b", undefined, { meta: at(5) });

describe("an execution among the others on its target (safety protocol, step 6)", () => {
  it("is clear when it is alone, or the others have ended", () => {
    const ended = [workflowExecution("a", { phase: "Completed" }), workflowExecution("c", { phase: "Failed" })];
    assert.deepEqual(standingOf(mine, [mine, ...ended]), { kind: "clear", fence: [] });
  });

  it("yields to one that runs, whichever is older", () => {
    for (const second of [1, 9]) {
      const running = workflowExecution("a", { phase: "Running" }, { meta: at(second) });
      assert.deepEqual(standingOf(mine, [mine, running]), { kind: "yield", to: running });
    }
  });

  it("waits for an older one that waits", () => {
    const older = workflowExecution("a", undefined, { meta: at(1) });
    assert.deepEqual(standingOf(mine, [older, mine]), { kind: "wait", for: older });
  });

  it("fences younger ones that wait, all of them (Z2)", () => {
    const younger = [workflowExecution("c", undefined, { meta: at(6) }), workflowExecution("d", { phase: "Pending" }, { meta: at(7) })];
    assert.deepEqual(standingOf(mine, [mine, ...younger]), { kind: "clear", fence: younger });
  });

  it("orders those of the same second by uid, the same way from both sides", () => {
    const other = workflowExecution("a", undefined, { meta: at(5) });
    assert.equal(standingOf(mine, [mine, other]).kind, "wait");
    assert.deepEqual(standingOf(other, [mine, other]), { kind: "clear", fence: [mine] });
  });

  it("takes one without an owner, or in an unknown phase, for running", () => {
    const stray = workflowExecution(null, undefined, { meta: at(9) });
    assert.equal(standingOf(mine, [mine, stray]).kind, "yield");
    // A phase that only a newer version knows, as the wire may carry it.
    const odd = workflowExecution("c", { phase: "Paused" as WorkflowPhase }, { meta: at(9) });
    assert.equal(standingOf(mine, [mine, odd]).kind, "yield");
  });
});
