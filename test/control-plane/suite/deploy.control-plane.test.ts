import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Pool } from "undici";
import { microTime } from "../../../src/api/lease.ts";
import { eventually } from "../../support/eventually.ts";
import { controlPlane, SERVICE_ACCOUNT, type SharedControlPlane } from "../shared.ts";

const DEPLOY = join(import.meta.dirname, "..", "..", "..", "deploy");
const NAMESPACE = "kubernaut-system";
const FLOW = "remediation-orchestrator-locks";
const LEASES = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases`;

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

describe("the manifests on a real kube-apiserver", () => {
  let plane: SharedControlPlane;
  let pool: Pool;

  before(async () => {
    plane = await controlPlane();
    pool = new Pool(plane.url, { connect: { ca: plane.caPem } });
    await kubectl("apply", "-f", join(DEPLOY, "namespace.yaml"));
    await kubectl("apply", "-f", join(DEPLOY, "rbac.yaml"));
    await kubectl("apply", "-f", join(DEPLOY, "priority-and-fairness.yaml"));
  });
  after(async () => {
    await pool.close();
    await plane[Symbol.asyncDispose]();
  });

  async function kubectl(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await plane.kubectl(args);
    assert.equal(code, 0, `kubectl ${args.join(" ")}: ${stderr}`);
    return stdout;
  }

  /** One request as the service account; the answer's status and the flow in which the API server put it. */
  async function ask(method: Method, path: string, body?: object): Promise<{ readonly status: number; readonly flow: string; readonly text: string }> {
    const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    const headers = { authorization: `Bearer ${plane.user(SERVICE_ACCOUNT).token}`, "content-type": type };
    const answer = await pool.request({ method, path, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    const flow = answer.headers["x-kubernetes-pf-flowschema-uid"];
    return { status: answer.statusCode, flow: typeof flow === "string" ? flow : "", text: await answer.body.text() };
  }

  it("kubectl apply -k takes all of them, validated by the server", async () => {
    const told = await kubectl("apply", "--server-side", "--dry-run=server", "--validate=strict", "-k", DEPLOY);
    for (const what of ["customresourcedefinition", "role.rbac", "rolebinding.rbac", "clusterrole.rbac", "clusterrolebinding.rbac", "flowschema.flowcontrol", "prioritylevelconfiguration.flowcontrol", "deployment.apps", "service/", "serviceaccount/"]) assert.match(told, new RegExp(what));
  });

  it("the service account that they name may do what a replica needs, and does not list what it reads", async () => {
    const can = async (verb: string, resource: string, ...where: readonly string[]): Promise<string> => (await plane.kubectl(["auth", "can-i", verb, resource, "--as", SERVICE_ACCOUNT, ...where])).stdout.trim();
    assert.equal(await can("delete", "leases.coordination.k8s.io", "-n", NAMESPACE), "yes");
    assert.equal(await can("get", "deployments.apps", "-n", "default"), "yes");
    assert.equal(await can("list", "deployments.apps", "-n", "default"), "no");
    assert.equal(await can("get", "leases.coordination.k8s.io", "-n", "kube-node-lease"), "no");
    assert.equal(await can("get", "secrets", "-n", NAMESPACE), "no");
    assert.equal(await can("update", "remediationrequests.kubernaut.ai", "-n", NAMESPACE), "no");
  });

  it("every request for a Lease of ours flows in our flow, deletions and watches included", async () => {
    const uid = await kubectl("get", "flowschema", FLOW, "-o", "jsonpath={.metadata.uid}");
    const flows = async (method: Method, path: string, body?: object): Promise<unknown> => {
      const { status, flow, text } = await ask(method, path, body);
      assert.ok(status < 300, `${method} ${path}: ${status} ${text}`);
      assert.equal(flow, uid, `${method} ${path}`);
      return method === "GET" ? undefined : JSON.parse(text);
    };
    await flowIsKnown(uid);
    // The wire's shape, as the API server promises it.
    const lease = (await flows("POST", LEASES, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: "flow" }, spec: { holderIdentity: "a" } })) as { readonly metadata: object; readonly spec: object };
    await flows("GET", `${LEASES}/flow`);
    await flows("GET", LEASES);
    await flows("GET", `${LEASES}?watch=1&timeoutSeconds=1`);
    await flows("PUT", `${LEASES}/flow`, { ...lease, spec: { ...lease.spec, renewTime: microTime(Date.now()) } });
    await flows("DELETE", `${LEASES}/flow`);
  });

  it("the level has queues of its own, and is not dangling", async () => {
    const level = JSON.parse(await kubectl("get", "flowschema", FLOW, "-o", "json")) as { readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] } };
    assert.equal(level.status?.conditions?.find(({ type }) => type === "Dangling")?.status, "False");
  });

  it("what is not a Lease of ours does not flow there", async () => {
    const uid = await kubectl("get", "flowschema", FLOW, "-o", "jsonpath={.metadata.uid}");
    const { flow } = await ask("GET", `/api/v1/namespaces/${NAMESPACE}`);
    assert.notEqual(flow, "");
    assert.notEqual(flow, uid);
  });

  /** The API server takes a new flow into use a moment after it was created. */
  function flowIsKnown(uid: string): Promise<void> {
    return eventually(`a request for a Lease of ours flows in ${FLOW}`, async () => (await ask("GET", LEASES)).flow === uid);
  }
});
