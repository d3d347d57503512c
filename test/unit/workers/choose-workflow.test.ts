import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chooseWorkflow } from "../../../src/workers/analysis/choose-workflow.ts";
import { remediationWorkflow, signalContext } from "../../support/builders.ts";

const any = { component: ["*"], environment: ["*"], severity: ["*"], priority: "*" };

describe("the choice of a workflow", () => {
  it("takes the entry whose labels name the signal most exactly, whatever the order of the catalog", () => {
    const catalog = [remediationWorkflow("anything", { labels: any }), remediationWorkflow("exact")];
    for (const order of [catalog, catalog.toReversed()]) {
      const choice = chooseWorkflow(order, signalContext());
      assert.equal(choice.kind === "chosen" && choice.workflow.workflowName, "exact");
    }
  });

  it("takes the first by name among equals", () => {
    const choice = chooseWorkflow([remediationWorkflow("b"), remediationWorkflow("a")], signalContext());
    assert.equal(choice.kind === "chosen" && choice.workflow.workflowName, "a");
  });

  it("says what it looked for when nothing fits", () => {
    const choice = chooseWorkflow([remediationWorkflow("exact")], signalContext({ environment: "Staging" }));
    assert.deepEqual(choice, { kind: "none", because: "None of the 1 workflows of the catalog fits Deployment, Staging, critical, P0." });
  });

  it("asks a custom label of the signal's name or annotations", () => {
    const catalog = [remediationWorkflow("special", { customLabels: { signalName: "DiskFull" } }), remediationWorkflow("usual")];
    const name = (signalName: string) => {
      const choice = chooseWorkflow(catalog, signalContext({ signalName }));
      return choice.kind === "chosen" ? choice.workflow.workflowName : undefined;
    };
    assert.equal(name("DiskFull"), "special");
    assert.equal(name("KubePodCrashLooping"), "usual");
  });

  it("is less sure the more wildcards it needed", () => {
    const confidence = (labels: typeof any) => {
      const choice = chooseWorkflow([remediationWorkflow("w", { labels })], signalContext());
      return choice.kind === "chosen" ? choice.workflow.confidence : undefined;
    };
    assert.equal(confidence(any), 0.75);
    assert.equal(confidence({ component: ["deployment"], environment: ["production"], severity: ["critical"], priority: "P0,P1" }), 0.95);
  });

  it("fills parameters from the target and from defaults, and refuses one that has no value", () => {
    const parameter = (name: string, more: object = {}) => ({ name, type: "string", required: true, description: "", ...more }) as const;
    const filled = chooseWorkflow([remediationWorkflow("w", { parameters: [parameter("TARGET_NAMESPACE"), parameter("GRACE", { default: 30 })] })], signalContext());
    assert.deepEqual(filled.kind === "chosen" && filled.workflow.parameters, { TARGET_NAMESPACE: "shop", GRACE: "30" });
    const missing = chooseWorkflow([remediationWorkflow("w", { parameters: [parameter("TICKET")] })], signalContext());
    assert.deepEqual(missing, { kind: "none", because: "Workflow w fits, but its parameter TICKET has no value." });
  });
});
