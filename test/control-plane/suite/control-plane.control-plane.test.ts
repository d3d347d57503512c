import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { startControlPlane } from "../control-plane.ts";
import { controlPlane } from "../shared.ts";
import { startScriptedNode } from "../scripted-node.ts";

const JOB = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "held" }, spec: { suspend: true, backoffLimit: 0, template: { spec: { restartPolicy: "Never", containers: [{ name: "workflow", image: "none" }] } } } };

test("a control plane stops without leaving a process or a file", async () => {
  const plane = await startControlPlane();
  const folder = dirname(plane.admin.kubeconfig);
  assert.equal((await plane.kubectl(["get", "namespaces"])).code, 0);
  await plane.stop();
  assert.equal(existsSync(folder), false);
  assert.notEqual((await plane.kubectl(["get", "namespaces", "--request-timeout=1s"])).code, 0);
});

test("a user without a binding is refused", async () => {
  await using plane = await controlPlane();
  const { code, stderr } = await plane.kubectl(["get", "leases", "--as=nobody"]);
  assert.notEqual(code, 0);
  assert.match(stderr, /forbidden/);
});

test("a suspended Job has no pod, a resumed one runs on the scripted node and completes", async () => {
  await using plane = await controlPlane();
  await using node = await startScriptedNode({ url: plane.url, caPem: plane.caPem, token: plane.admin.token, namespace: "default" });
  assert.equal((await plane.kubectl(["apply", "-f", "-"], { stdin: JSON.stringify(JOB) })).code, 0);
  assert.equal((await plane.kubectl(["wait", "--for=condition=Suspended", "job/held", "--timeout=60s"])).code, 0);
  assert.equal(node.ledger.length, 0);
  await plane.kubectl(["patch", "job/held", "--type=merge", "-p", '{"spec":{"suspend":false}}']);
  assert.equal((await plane.kubectl(["wait", "--for=condition=Complete", "job/held", "--timeout=60s"])).code, 0);
  assert.equal(node.ledger.length, 1);
  assert.ok(node.ledger[0]?.endedMs);
  await plane.kubectl(["delete", "job/held", "--cascade=foreground"]);
});
