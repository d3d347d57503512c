import { freshNamespace, type TestApi } from "../support/cluster.ts";
import { startScriptedNode } from "./scripted-node.ts";
import { controlPlane, type SharedControlPlane } from "./shared.ts";

/** The control plane that the suites share, as a test API. */
export async function realApi(): Promise<TestApi> {
  return realApiOn(await controlPlane());
}

/** A control plane as a test API, with a scripted node for the pods of its namespace. Disposing ends the plane's use too. */
export async function realApiOn(plane: Pick<SharedControlPlane, "url" | "caPem" | "admin" | typeof Symbol.asyncDispose>): Promise<TestApi> {
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
