import { freshNamespace, type TestApi } from "../support/cluster.ts";
import { startScriptedNode } from "./scripted-node.ts";
import { controlPlane } from "./shared.ts";

/** The real control plane as a test API, with a scripted node for the pods of its namespace. */
export async function realApi(): Promise<TestApi> {
  const plane = await controlPlane();
  const { url, caPem } = plane;
  const { token } = plane.admin;
  const namespace = freshNamespace();
  const node = await startScriptedNode({ url, caPem, token, namespace });
  return {
    url,
    caPem,
    token,
    namespace,
    ledger: node.ledger,
    async [Symbol.asyncDispose]() {
      await node[Symbol.asyncDispose]();
      await plane[Symbol.asyncDispose]();
    },
  };
}
