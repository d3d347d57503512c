import type { TestApi } from "../support/cluster.ts";
import { startScriptedNode } from "./scripted-node.ts";
import { controlPlane } from "./shared.ts";

/** The real control plane, with a scripted node, as a test API. */
export async function realApi(): Promise<TestApi> {
  const plane = await controlPlane();
  const { url, caPem } = plane;
  const { token } = plane.admin;
  const node = await startScriptedNode({ url, caPem, token });
  return {
    url,
    caPem,
    token,
    ledger: node.ledger,
    async [Symbol.asyncDispose]() {
      await node[Symbol.asyncDispose]();
      await plane[Symbol.asyncDispose]();
    },
  };
}
