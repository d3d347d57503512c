import { connectTo, type TestApi } from "../support/cluster.ts";
import { ReplicaRights } from "./replica-rights.ts";
import { startScriptedNode } from "./scripted-node.ts";
import { controlPlane, REPLICA_USERS, type SharedControlPlane } from "./shared.ts";

/** The real control plane, with a scripted node, as a test API. Disposing ends what was begun for it. */
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

/** The same on a control plane that somebody else ends. */
export async function apiOf(plane: SharedControlPlane): Promise<TestApi> {
  const { url, caPem } = plane;
  const { token } = plane.admin;
  const node = await startScriptedNode({ url, caPem, token });
  const tokens = REPLICA_USERS.map((name) => plane.user(name).token);
  const admin = connectTo({ url, caPem }, token);
  const replica = connectTo({ url, caPem }, tokens[0] ?? "");
  const rights = new ReplicaRights(admin.client, replica.client);
  return {
    url,
    caPem,
    token,
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
