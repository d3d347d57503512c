import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kinds } from "../../src/api/kinds.ts";
import { EmbeddedApiServer } from "../../src/apiserver/index.ts";
import { loadConfig } from "../../src/config.ts";
import { createKubeClient } from "../../src/kube/client.ts";
import type { KubeClient } from "../../src/kube/ports.ts";
import { FakeClock } from "../../src/lib/fake-clock.ts";
import { checkStartup } from "../../src/startup-checks.ts";
import { crds } from "../simulation/workload.ts";
import { createInProcessTransport } from "../support/in-process-transport.ts";

const config = loadConfig({ namespace: "shop", httpPort: "0" }, {}, () => "replica-0");
const admin = { name: "admin", groups: ["system:masters"] };

function crdsBut(...plurals: readonly string[]): typeof crds {
  const left = plurals.map((plural) => `${plural}.kubernaut.ai`);
  // Every CRD has its metadata.
  return crds.filter(({ metadata }) => !left.includes((metadata as { readonly name: string }).name));
}

/** A cluster with these CRDs, and a client that tells what it has listed. */
function cluster(given: { readonly crds?: typeof crds; readonly namespaces?: readonly string[] }): { readonly client: KubeClient; readonly listed: string[] } {
  const clock = new FakeClock();
  const server = new EmbeddedApiServer({ clock, random: () => 0.5, tokens: { admin }, namespaces: given.namespaces ?? ["shop"], customResourceDefinitions: given.crds ?? crds });
  const client = createKubeClient({ transport: createInProcessTransport({ call: server.call, clock, headers: { authorization: "Bearer admin" } }), clock });
  const listed: string[] = [];
  const list: KubeClient["list"] = async (kind, query, options) => {
    const result = await client.list(kind, query, options);
    listed.push(`${kind.kind}: ${result.items.length}`);
    return result;
  };
  return { client: { ...client, list }, listed };
}

describe("the checks before a replica starts", () => {
  it("pass where namespace, CRDs and rights are there", async () => {
    await checkStartup(config, cluster({}).client);
  });

  it("read none of what is there: the caches will", async () => {
    const { client, listed } = cluster({});
    for (const name of ["a", "b"]) await client.create(kinds.NotificationRequest, { apiVersion: "kubernaut.ai/v1alpha1", kind: "NotificationRequest", metadata: { namespace: "shop", name }, spec: { type: "Simple", priority: "Low", subject: name, body: name } });
    await checkStartup(config, client);
    assert.deepEqual(listed.toSorted(), ["AIAnalysis: 0", "EffectivenessAssessment: 0", "NotificationRequest: 0", "RemediationRequest: 0", "RemediationWorkflow: 0", "SignalProcessing: 0", "WorkflowExecution: 0"]);
  });

  it("name every CRD that is not served, and a namespace that does not exist, with what to do", async () => {
    const message = [
      "namespace shop does not exist: create it: `kubectl create namespace shop`",
      "not served: aianalyses.kubernaut.ai, workflowexecutions.kubernaut.ai: apply the CRDs: `ro crds | kubectl apply --server-side -f -`",
    ].join("\n");
    await assert.rejects(checkStartup(config, cluster({ crds: crdsBut("aianalyses", "workflowexecutions"), namespaces: [] }).client), { name: "StartupError", message });
  });

  it("do not ask for the catalog where nobody here analyses", async () => {
    const { client } = cluster({ crds: crdsBut("remediationworkflows") });
    await checkStartup({ ...config, workers: ["execution"] }, client);
    await assert.rejects(checkStartup(config, client), { name: "StartupError", message: /^not served: remediationworkflows\.kubernaut\.ai:/ });
  });
});
