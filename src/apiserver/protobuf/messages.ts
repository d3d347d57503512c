/** How a field's bytes become JSON. `ignored`: an output of the server, or nothing that this server heeds. */
export type FieldType = "string" | "bytes" | "bool" | "int" | "ignored" | Message | { readonly mapOf: "string" | "bytes" } | { readonly listOf: "string" | Message };

/** Fields by their number: name and type. */
export interface Message {
  readonly fields: { readonly [number: number]: readonly [name: string, type: FieldType] };
}

function message(fields: Message["fields"]): Message {
  return { fields };
}

const META = message({
  1: ["name", "string"],
  2: ["generateName", "string"],
  3: ["namespace", "string"],
  8: ["creationTimestamp", "ignored"],
  11: ["labels", { mapOf: "string" }],
  12: ["annotations", { mapOf: "string" }],
  14: ["finalizers", { listOf: "string" }],
});
const CONTAINER = message({
  1: ["name", "string"],
  2: ["image", "string"],
  3: ["command", { listOf: "string" }],
  4: ["args", { listOf: "string" }],
  7: ["env", { listOf: message({ 1: ["name", "string"], 2: ["value", "string"] }) }],
  8: ["resources", "ignored"],
});
const POD_SPEC = message({ 2: ["containers", { listOf: CONTAINER }], 3: ["restartPolicy", "string"] });
const TEMPLATE = message({ 1: ["metadata", META], 2: ["spec", POD_SPEC] });
const ATTRIBUTES = message({ 1: ["namespace", "string"], 2: ["verb", "string"], 3: ["group", "string"], 4: ["version", "string"], 5: ["resource", "string"], 6: ["subresource", "string"], 7: ["name", "string"] });

/** The kinds that kubectl sends in protobuf when it makes them from flags, by apiVersion and kind. */
export const MESSAGES: Readonly<Record<string, Message>> = {
  "v1/Namespace": message({ 1: ["metadata", META], 2: ["spec", "ignored"], 3: ["status", "ignored"] }),
  "v1/ConfigMap": message({ 1: ["metadata", META], 2: ["data", { mapOf: "string" }], 3: ["binaryData", { mapOf: "bytes" }], 4: ["immutable", "bool"] }),
  "v1/Secret": message({ 1: ["metadata", META], 2: ["data", { mapOf: "bytes" }], 3: ["type", "string"], 4: ["stringData", { mapOf: "string" }], 5: ["immutable", "bool"] }),
  "v1/ServiceAccount": message({ 1: ["metadata", META] }),
  "batch/v1/Job": message({
    1: ["metadata", META],
    2: ["spec", message({ 1: ["parallelism", "int"], 2: ["completions", "int"], 6: ["template", TEMPLATE], 7: ["backoffLimit", "int"], 10: ["suspend", "bool"] })],
    3: ["status", "ignored"],
  }),
  "apps/v1/Deployment": message({
    1: ["metadata", META],
    2: ["spec", message({ 1: ["replicas", "int"], 2: ["selector", message({ 1: ["matchLabels", { mapOf: "string" }] })], 3: ["template", TEMPLATE], 4: ["strategy", "ignored"] })],
    3: ["status", "ignored"],
  }),
  "authorization.k8s.io/v1/SelfSubjectAccessReview": message({
    1: ["metadata", META],
    2: ["spec", message({ 1: ["resourceAttributes", ATTRIBUTES], 2: ["nonResourceAttributes", message({ 1: ["path", "string"], 2: ["verb", "string"] })] })],
    3: ["status", "ignored"],
  }),
};
