import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import type { RemediationRequest, RemediationRequestStatus } from "../../../src/api/remediation-request.ts";
import type { WorkflowExecution } from "../../../src/api/workflow-execution.ts";
import type { Reader } from "../../../src/kube/ports.ts";
import { coveringExecutions, createCoveredCheck } from "../../../src/remediation/routing/covered-check.ts";
import { remediationRequest, workflowExecution } from "../../support/builders.ts";

const target = { resource: "shop/Deployment/checkout" };
const rr = remediationRequest("b", undefined, { spec: { receivedTime: "2026-01-01T00:00:10Z" } });
const query = { rr, target, workflowId: "restart" };
const completed = (owner: string, completionTime: string, workflowId = "restart") => workflowExecution(owner, { phase: "Completed", completionTime }, { workflowId });

describe("executions that cover a remediation", () => {
  it("completed after its signal was received, with the same workflow", () => {
    const after = completed("a", "2026-01-01T00:00:11Z");
    assert.deepEqual(coveringExecutions(query, [after]), [after]);
  });

  it("do not include one that completed before its signal was received", () => {
    assert.deepEqual(coveringExecutions(query, [completed("a", "2026-01-01T00:00:09Z")]), []);
  });

  it("do not include another workflow, its own execution, one that failed or one that runs", () => {
    const others = [completed("a", "2026-01-01T00:00:11Z", "scale"), completed("b", "2026-01-01T00:00:11Z"), workflowExecution("c", { phase: "Failed", completionTime: "2026-01-01T00:00:11Z" }), workflowExecution("d", { phase: "Running" })];
    assert.deepEqual(coveringExecutions(query, others), []);
  });

  it("come newest first", () => {
    const [older, newer] = [completed("a", "2026-01-01T00:00:11Z"), completed("c", "2026-01-01T00:00:12Z")];
    assert.deepEqual(coveringExecutions(query, [older, newer]), [newer, older]);
  });
});

describe("the check for a cover", () => {
  const cover = completed("a", "2026-01-01T00:00:11Z");

  function ask(leader: RemediationRequest | undefined, executions: readonly WorkflowExecution[] = [cover], given: { readonly rr?: RemediationRequest; readonly live?: WorkflowExecution } = {}) {
    const reader: Pick<Reader, "get"> = { get: async (kind) => (kind.kind === kinds.RemediationRequest.kind ? leader : given.live) as never };
    return createCoveredCheck({ reader: { ...reader, list: () => assert.fail("no list on the launch path") }, executionsOn: () => executions })({ ...query, rr: given.rr ?? rr }, {});
  }

  const leaderIn = (status: RemediationRequestStatus) => remediationRequest("a", status);

  it("blocks while the leader's cure is being verified, naming both", async () => {
    const condition = await ask(leaderIn({ overallPhase: "Verifying" }));
    assert.equal(condition?.reason, "Covered");
    assert.deepEqual(condition?.reason === "Covered" && condition.by, { execution: "we-a", leader: "a" });
  });

  it("says Cured once the leader is Remediated", async () => {
    assert.equal((await ask(leaderIn({ overallPhase: "Completed", completionStatus: { outcome: "Remediated" } })))?.reason, "Cured");
  });

  it("does not deny by an older view what another replica has seen: a cover that the status names is read live", async () => {
    const covered = remediationRequest("b", { overallPhase: "Blocked", routingStatus: { blockReason: "DuplicateInProgress", deduplicatedByWE: "we-a", duplicateOf: "a" } }, { spec: { receivedTime: "2026-01-01T00:00:10Z" } });
    const verifying = leaderIn({ overallPhase: "Verifying" });
    for (const seen of [[], [workflowExecution("a", { phase: "Running" })]]) {
      assert.equal((await ask(verifying, seen, { rr: covered, live: cover }))?.reason, "Covered");
      assert.equal(await ask(verifying, seen, { rr: covered, live: workflowExecution("a", { phase: "Failed" }) }), undefined);
      assert.equal(await ask(verifying, seen, { rr: covered }), undefined, "it is gone");
      assert.equal(await ask(verifying, seen, { rr: covered, live: { ...cover, spec: { ...cover.spec, targetResource: "shop/Deployment/cart" } } }), undefined, "it was on another target");
    }
  });

  it("lets pass when the cure did not work, or its leader is gone or another one", async () => {
    assert.equal(await ask(leaderIn({ overallPhase: "Completed", completionStatus: { outcome: "Inconclusive" } })), undefined);
    assert.equal(await ask(leaderIn({ overallPhase: "Failed" })), undefined);
    assert.equal(await ask(undefined), undefined);
    assert.equal(await ask(remediationRequest("a", { overallPhase: "Verifying" }, { meta: { uid: "uid-of-the-next" } })), undefined);
  });
});
