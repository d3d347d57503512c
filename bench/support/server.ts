import { join } from "node:path";
import { startControlPlane } from "../../test/control-plane/control-plane.ts";
import { startScriptedNode } from "../../test/control-plane/scripted-node.ts";
import { freshNamespace } from "../../test/support/cluster.ts";
import { startChild } from "./child.ts";

export type ServerKind = "embedded" | "real";

/** How to reach an API server as somebody who may do everything. */
export interface Coordinates {
  readonly url: string;
  readonly caPem: string;
  readonly token: string;
}

/** An API server in processes of its own, with Jobs and a node that runs pods by script. */
export interface BenchServer extends Coordinates, AsyncDisposable {
  /** The one whose pods its node runs, to be made there. */
  readonly namespace: string;
  /** CPU time that its process has used, milliseconds; undefined where it consists of several. */
  cpuMs(): Promise<number | undefined>;
}

/** A fresh one, empty. */
export function startServer(kind: ServerKind): Promise<BenchServer> {
  return kind === "embedded" ? embedded() : real();
}

async function embedded(): Promise<BenchServer> {
  const child = startChild(join(import.meta.dirname, "embedded-process.ts"));
  const { url, caPem, token } = await child.ask<Coordinates>({});
  return { url, caPem, token, namespace: freshNamespace(), cpuMs: async () => (await child.ask<{ readonly cpuMs: number }>({})).cpuMs, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() };
}

async function real(): Promise<BenchServer> {
  const plane = await startControlPlane();
  const { url, caPem } = plane;
  const { token } = plane.admin;
  const namespace = freshNamespace();
  const node = await startScriptedNode({ url, caPem, token, namespace });
  return {
    url,
    caPem,
    token,
    namespace,
    cpuMs: async () => undefined,
    async [Symbol.asyncDispose]() {
      await node[Symbol.asyncDispose]();
      await plane[Symbol.asyncDispose]();
    },
  };
}
