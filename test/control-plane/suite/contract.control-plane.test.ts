import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { ContractServer } from "../../contract/contract-server.ts";
import { crdContract } from "../../contract/crd.ts";
import { errorsContract } from "../../contract/errors.ts";
import { jobRulesContract } from "../../contract/job-rules.ts";
import { jobsContract } from "../../contract/jobs.ts";
import { leaseContract } from "../../contract/lease.ts";
import { objectsContract } from "../../contract/objects.ts";
import { scaleContract } from "../../contract/scale.ts";
import { watchContract } from "../../contract/watch.ts";
import { startScriptedNode } from "../scripted-node.ts";
import { controlPlane } from "../shared.ts";

async function start(): Promise<ContractServer> {
  const plane = await controlPlane();
  const namespace = `contract-${randomBytes(4).toString("hex")}`;
  assert.equal((await plane.kubectl(["create", "namespace", namespace])).code, 0);
  const { url, caPem, admin } = plane;
  return {
    url,
    caPem,
    token: admin.token,
    namespace,
    kind: "real",
    async [Symbol.asyncDispose]() {
      await plane.kubectl(["delete", "namespace", namespace, "--wait=false"]);
      await plane[Symbol.asyncDispose]();
    },
  };
}

/** The same, with a node that plays the pods of its namespace. */
async function startWithNode(): Promise<ContractServer> {
  const server = await start();
  const node = await startScriptedNode({ url: server.url, caPem: server.caPem, token: server.token, namespace: server.namespace });
  return {
    ...server,
    async [Symbol.asyncDispose]() {
      await node[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

objectsContract("real", start);
watchContract("real", start);
leaseContract("real", start);
errorsContract("real", start);
crdContract("real", start);
jobsContract("real", startWithNode);
jobRulesContract("real", start);
scaleContract("real", start);
