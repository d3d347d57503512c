import { connectTo, freshNamespace, type TestApi } from "../support/cluster.ts";
import { ReplicaRights } from "./replica-rights.ts";
import { startScriptedNode } from "./scripted-node.ts";
import { controlPlane, REPLICA_USERS, type SharedControlPlane } from "./shared.ts";

/** The control plane that the suites share, as a test API. Disposing ends what was begun for it. */
export async function realApi(): Promise<TestApi> {
  const plane = await controlPlane();
  const api = await apiOf(plane);
  return {
    ...api,
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      await plane[Symbol.asyncDispose]();
    },
  };
}

/** A control plane that somebody else ends, as a test API, with a scripted node for the pods of its namespace. */
export async function apiOf(plane: Pick<SharedControlPlane, "url" | "caPem" | "admin" | "user">): Promise<TestApi> {
  const { url, caPem } = plane;
  const { token } = plane.admin;
  const namespace = freshNamespace();
  const node = await startScriptedNode({ url, caPem, token, namespace });
  const tokens = REPLICA_USERS.map((name) => plane.user(name).token);
  const admin = connectTo({ url, caPem }, token);
  const replica = connectTo({ url, caPem }, tokens[0] ?? "");
  const rights = new ReplicaRights(admin.client, replica.client);
  return {
    url,
    caPem,
    token,
    namespace,
    ledger: node.ledger,
    async replicaToken(namespace, at) {
      await rights.grant(namespace);
      return tokens[at % tokens.length] ?? "";
    },
    withdraw: (namespace, right) => rights.withdraw(namespace, right),
    async [Symbol.asyncDispose]() {
      await node[Symbol.asyncDispose]();
      await admin.close();
      await replica.close();
    },
  };
}
