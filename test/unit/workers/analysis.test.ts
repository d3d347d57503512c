import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { silentLogger } from "../../../src/lib/log.ts";
import { createAnalysisReconciler } from "../../../src/workers/analysis/analysis-reconciler.ts";
import { completedAnalysis, NAMESPACE, remediationWorkflow } from "../../support/builders.ts";
import { FakeKube } from "../../support/fake-kube.ts";

async function analyse(stored: readonly string[]) {
  const clock = new FakeClock();
  const kube = new FakeKube(() => clock.now());
  for (const name of stored) kube.put(remediationWorkflow(name));
  const { status: _status, ...open } = completedAnalysis("a");
  kube.put(open);
  const analysis = await kube.get(kinds.AIAnalysis, { namespace: NAMESPACE, name: "ai-a" });
  const reader = <T>(objects: readonly T[]) => ({ get: () => objects[0], list: () => objects, byIndex: () => [], synced: true });
  const reconcile = createAnalysisReconciler({ client: kube, analyses: reader(analysis ? [analysis] : []), catalog: reader([]), clock });
  await reconcile(`${NAMESPACE}/ai-a`, { signal: new AbortController().signal, log: silentLogger });
  return (await kube.get(kinds.AIAnalysis, { namespace: NAMESPACE, name: "ai-a" }))?.status;
}

describe("the analysis", () => {
  it("finds a workflow that its cache does not know yet, before it says that none fits", async () => {
    assert.equal((await analyse(["restart"]))?.rcaResult?.selectedWorkflow?.workflowName, "restart");
  });

  it("asks for a human where none fits", async () => {
    const status = await analyse([]);
    assert.deepEqual([status?.reason, status?.review?.needsHumanReview], ["NoWorkflowSelected", true]);
  });
});
