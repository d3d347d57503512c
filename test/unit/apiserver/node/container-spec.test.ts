import assert from "node:assert/strict";
import { it } from "node:test";
import type { Container, Pod } from "../../../../src/api/pod.ts";
import { containerSpecOf } from "../../../../src/apiserver/node/container-spec.ts";

function podRunning(container: Omit<Container, "name">): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p", namespace: "ns", uid: "u", resourceVersion: "1", creationTimestamp: "", labels: { app: "web" }, annotations: { note: "hi" } },
    spec: { nodeName: "n", containers: [{ name: "main", ...container }] },
  };
}

const from = (fieldPath: string): { readonly fieldRef: { readonly fieldPath: string } } => ({ fieldRef: { fieldPath } });

it("the environment has plain values and fields of the pod; what comes from elsewhere is left out", () => {
  const { env } = containerSpecOf(
    podRunning({
      env: [
        { name: "A", value: "1" },
        { name: "EMPTY" },
        { name: "NAME", valueFrom: from("metadata.name") },
        { name: "UID", valueFrom: from("metadata.uid") },
        { name: "NS", valueFrom: from("metadata.namespace") },
        { name: "NODE", valueFrom: from("spec.nodeName") },
        { name: "APP", valueFrom: from("metadata.labels['app']") },
        { name: "NOTE", valueFrom: from("metadata.annotations['note']") },
        { name: "SECRET", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
      ],
    }),
  );
  assert.deepEqual(env, { A: "1", EMPTY: "", NAME: "p", UID: "u", NS: "ns", NODE: "n", APP: "web", NOTE: "hi" });
});

it("$(NAME) in command, args and later variables is the variable's value, $$ a dollar, and an unknown name stays", () => {
  const { argv, env } = containerSpecOf(podRunning({ command: ["echo", "$(A)"], args: ["$$(A)", "$(NOPE)"], env: [{ name: "A", value: "1" }, { name: "B", value: "<$(A)>" }] }));
  assert.deepEqual(argv, ["echo", "1", "$(A)", "$(NOPE)"]);
  assert.equal(env["B"], "<1>");
});

it("args alone are no command: the image's entrypoint is not known here", () => {
  assert.deepEqual(containerSpecOf(podRunning({ args: ["x"] })).argv, []);
});
