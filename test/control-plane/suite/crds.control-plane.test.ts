import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { kinds } from "../../../src/api/kinds.ts";
import type { KindInfo } from "../../../src/api/kind.ts";
import type { CommandResult } from "../control-plane.ts";
import { controlPlane, type SharedControlPlane } from "../shared.ts";

type JsonObject = { readonly [key: string]: unknown };

interface Sample extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: JsonObject;
  readonly status: JsonObject;
}

const NAMESPACE = "crds-suite";
const DEPLOY = fileURLToPath(new URL("../../../deploy/", import.meta.url));
const SAMPLES = new URL("../../support/samples/", import.meta.url);
const samples: ReadonlyMap<string, Sample> = new Map(
  readdirSync(SAMPLES).map((file) => [file.replace(/\.json$/, ""), JSON.parse(readFileSync(new URL(file, SAMPLES), "utf8")) as Sample]),
);

/** A change of an object that the rules of its CRD refuse, and the words in which they do. */
type Refused = readonly [what: string, sample: string, part: "spec" | "status", patch: JsonObject, message: RegExp];

const REFUSED: readonly Refused[] = [
  ["a spec is immutable", "rr-completed", "spec", { spec: { severity: "low" } }, /the spec is immutable/],
  ["a spec can not be taken away", "rr-completed", "spec", { spec: null }, /the spec can not be taken away/],
  ["the spec of a WorkflowExecution is immutable", "wfe-running", "spec", { spec: { targetResource: "shop/Deployment/cart" } }, /the spec is immutable/],
  ["a terminal RemediationRequest does not come back", "rr-completed", "status", { status: { overallPhase: "Executing" } }, /a terminal phase is final/],
  ["a terminal RemediationRequest does not lose its phase", "rr-completed", "status", { status: { overallPhase: null } }, /a terminal phase is final/],
  ["a terminal RemediationRequest does not end otherwise", "rr-completed", "status", { status: { overallPhase: "Failed" } }, /a terminal phase is final/],
  ["a status can not be taken away", "rr-completed", "status", { status: null }, /the status can not be taken away/],
  ["a hash is immutable once set", "rr-executing", "status", { status: { operatorAudit: { preRemediationSpecHash: "sha256:0" } } }, /the hash is immutable once set/],
  ["a hash can not be taken away", "rr-executing", "status", { status: { operatorAudit: { preRemediationSpecHash: null } } }, /the hash is immutable once set/],
  ["a hash can not be taken away with what it stands in", "rr-executing", "status", { status: { operatorAudit: null } }, /the hash is immutable once set/],
  ["a Running WorkflowExecution does not go back to Pending", "wfe-running", "status", { status: { phase: "Pending" } }, /Pending is never entered again/],
  ["a Running WorkflowExecution does not lose its phase", "wfe-running", "status", { status: { phase: null } }, /Pending is never entered again/],
  ["a Completed WorkflowExecution does not fail", "wfe-completed", "status", { status: { phase: "Failed" } }, /a terminal phase is final/],
  ["a Completed WorkflowExecution does not run again", "wfe-completed", "status", { status: { phase: "Running" } }, /a terminal phase is final/],
];

describe("our CRDs on a real kube-apiserver", () => {
  let plane: SharedControlPlane;

  before(async () => {
    plane = await controlPlane();
    await ok(["create", "namespace", NAMESPACE]);
    await ok(["apply", "--server-side", "-f", `${DEPLOY}crds`]);
    await ok(["wait", "--for=condition=Established", "--timeout=30s", "crd", "--all"]);
    await Promise.all([...samples].map(([name, sample]) => createSample(name, sample)));
  });
  after(async () => {
    await kubectl(["delete", "namespace", NAMESPACE, "--wait=false"]);
    await plane[Symbol.asyncDispose]();
  });

  function kubectl(args: readonly string[], stdin?: string): Promise<CommandResult> {
    return plane.kubectl(args, stdin === undefined ? {} : { stdin });
  }

  async function ok(args: readonly string[], stdin?: string): Promise<string> {
    const { code, stdout, stderr } = await kubectl(args, stdin);
    assert.equal(code, 0, `kubectl ${args.join(" ")}: ${stderr}`);
    return stdout;
  }

  async function createSample(name: string, { apiVersion, kind, spec, status }: Sample): Promise<void> {
    await ok(["create", "--validate=strict", "-f", "-"], JSON.stringify({ apiVersion, kind, metadata: { name, namespace: NAMESPACE }, spec }));
    await ok(patchOf(pluralOf(kind), name, "status", { status }));
  }

  for (const [name, { kind, spec, status }] of samples) {
    it(`${name} is stored as the other product left it`, async () => {
      const stored = JSON.parse(await ok(["get", pluralOf(kind), name, "-n", NAMESPACE, "-o", "json"])) as Sample;
      assert.deepEqual(stored.spec, spec);
      assert.deepEqual(stored.status, status);
    });
  }

  for (const [what, name, part, patch, message] of REFUSED) {
    it(what, async () => {
      const { code, stderr } = await kubectl(patchOf(pluralOf(samples.get(name)?.kind ?? ""), name, part, patch));
      assert.notEqual(code, 0);
      assert.match(stderr, message);
    });
  }

  it("the gateway still counts the signals of a terminal RemediationRequest", async () => {
    await ok(patchOf("remediationrequests", "rr-completed", "status", { status: { deduplication: { occurrenceCount: 3, lastSeenAt: "2026-11-23T14:00:00Z" } } }));
  });

  it("an execution is bound to one Job by its uid", async () => {
    const bind = (uid: string) => patchOf("workflowexecutions", "wfe-running", "status", { status: { executionRef: { name: "job", uid } } });
    await ok(bind("first"));
    assert.match((await kubectl(bind("second"))).stderr, /bound to one Job/);
    assert.match((await kubectl(patchOf("workflowexecutions", "wfe-running", "status", { status: { executionRef: null } }))).stderr, /bound to one Job/);
  });

  it("a decision about an approval is final", async () => {
    const spec = {
      remediationRequestRef: { name: "rr-a" },
      aiAnalysisRef: { name: "ai-rr-a" },
      confidence: 0.7,
      confidenceLevel: "medium",
      reason: "production",
      recommendedWorkflow: { workflowId: "w", version: "1.0.0", executionBundle: "b", rationale: "r" },
      investigationSummary: "s",
      recommendedActions: [{ action: "restart", rationale: "r" }],
      whyApprovalRequired: "w",
      requiredBy: "2026-11-23T14:00:00Z",
    };
    await ok(["create", "--validate=strict", "-f", "-"], JSON.stringify({ apiVersion: "kubernaut.ai/v1alpha1", kind: "RemediationApprovalRequest", metadata: { name: "rar-rr-a", namespace: NAMESPACE }, spec }));
    const decide = (decision: string) => patchOf("remediationapprovalrequests", "rar-rr-a", "status", { status: { decision } });
    await ok(decide(""));
    await ok(decide("Approved"));
    assert.match((await kubectl(decide("Rejected"))).stderr, /a decision is final/);
  });

  it("a selected workflow is frozen once selectedAt is set", async () => {
    const select = (selectedWorkflow: JsonObject | null) => patchOf("aianalyses", "aia-completed", "status", { status: { rcaResult: { selectedWorkflow } } });
    await ok(select({ rationale: "still free" }));
    await ok(select({ selectedAt: "2026-11-23T13:22:47Z" }));
    assert.match((await kubectl(select({ rationale: "no longer" }))).stderr, /frozen once selectedAt is set/);
    assert.match((await kubectl(select(null))).stderr, /frozen once selectedAt is set/);
  });

  it("kubectl get rr shows what a person asks for", async () => {
    const [header = "", ...rows] = (await ok(["get", "rr", "-n", NAMESPACE])).trim().split("\n");
    assert.deepEqual(header.split(/ {2,}/).map((cell) => cell.trim()), ["NAME", "PHASE", "OUTCOME", "REASON", "ALERT", "TARGET", "WORKFLOW", "AGE"]);
    const completed = rows.find((row) => row.startsWith("rr-completed")) ?? "";
    for (const word of ["Completed", "Remediated", "KubePodCrashLooping", "Deployment/checkout", "RestartDeployment:restart-deployment"]) assert.ok(completed.includes(word), word);
    assert.match(rows.find((row) => row.startsWith("rr-blocked")) ?? "", /Blocked +ResourceBusy/);
    const [wide = ""] = (await ok(["get", "rr", "-o", "wide", "-n", NAMESPACE])).split("\n");
    for (const column of ["CLUSTER", "SOURCE", "SIGNAL TARGET"]) assert.ok(wide.includes(column), column);
  });

  it("executions are found by their target and by their RemediationRequest", async () => {
    const count = async (selector: string) => (await ok(["get", "wfe", "-n", NAMESPACE, "-o", "name", "--field-selector", selector])).trim().split("\n").filter(Boolean).length;
    assert.equal(await count("spec.targetResource=shop/Deployment/checkout"), 2);
    assert.equal(await count("spec.targetResource=shop/Deployment/cart"), 0);
    assert.equal(await count("spec.remediationRequestRef.name=rr-a"), 2);
  });

  it("all manifests and examples are accepted as they are", async () => {
    await ok(["apply", "--server-side", "-f", `${DEPLOY}namespace.yaml`, "-f", "-"], "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}");
    await ok(["apply", "--server-side", "--force-conflicts", "--dry-run=server", "-k", DEPLOY]);
    await ok(["apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", `${DEPLOY}examples`]);
  });
});

function patchOf(plural: string, name: string, part: "spec" | "status", patch: JsonObject): readonly string[] {
  return ["patch", plural, name, "-n", NAMESPACE, "--type=merge", ...(part === "status" ? ["--subresource=status"] : []), "-p", JSON.stringify(patch)];
}

function pluralOf(kind: string): string {
  const info = Object.values<KindInfo>(kinds).find((known) => known.kind === kind);
  assert.ok(info, kind);
  return `${info.plural}.${info.group}`;
}
