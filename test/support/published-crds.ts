import type { CustomResourceDefinition, StructuralSchema } from "../../src/api/custom-resource-definition.ts";
import type { Draft, Json } from "../../src/api/object.ts";
import { publishedKinds, type PublishedField, type PublishedKind } from "../unit/api/published-fields.ts";

type Node = { [keyword: string]: Json };

const NUMBERS: ReadonlySet<string> = new Set(["minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum"]);

/** The CRDs of the published API, made from its list of fields: nothing that only ours have, and its rules, not ours. */
export const publishedCrds: readonly Draft<CustomResourceDefinition>[] = publishedKinds.map(crdOf);

function crdOf({ kind, plural, shortNames, selectable, fields }: PublishedKind): Draft<CustomResourceDefinition> {
  const version = {
    name: "v1alpha1",
    served: true,
    storage: true,
    schema: { openAPIV3Schema: schemaOf(fields) },
    subresources: { status: {} },
    ...(selectable.length > 0 ? { selectableFields: selectable.map((jsonPath) => ({ jsonPath })) } : {}),
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.kubernaut.ai` },
    spec: { group: "kubernaut.ai", scope: "Namespaced", names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase(), shortNames: [...shortNames] }, versions: [version] },
  };
}

function schemaOf(fields: readonly PublishedField[]): StructuralSchema {
  const root: Node = { type: "object", properties: {} };
  const byPath = new Map<string, Node>([["", root]]);
  for (const field of fields) place(field, byPath);
  for (const node of byPath.values()) open(node);
  return root;
}

/** Puts a field under its parent; parents that the list does not name are objects. */
function place({ path, required, type, constraints }: PublishedField, byPath: Map<string, Node>): Node {
  const node: Node = type === "any" ? {} : { type };
  for (const constraint of constraints) constrain(node, constraint);
  const [parentPath, name] = parentOf(path);
  const parent = byPath.get(parentPath) ?? place({ path: parentPath, required: false, type: "object", constraints: [] }, byPath);
  if (name === "[]") parent["items"] = node;
  else {
    parent["properties"] = { ...(parent["properties"] as Node | undefined), [name]: node };
    if (required) parent["required"] = [...((parent["required"] as readonly string[] | undefined) ?? []), name];
  }
  byPath.set(path, node);
  return node;
}

function parentOf(path: string): readonly [parent: string, name: string] {
  if (path.endsWith("[]")) return [path.slice(0, -2), "[]"];
  const dot = path.lastIndexOf(".");
  return [path.slice(0, Math.max(0, dot)), path.slice(dot + 1)];
}

function constrain(node: Node, constraint: string): void {
  if (constraint === "nullable") node["nullable"] = true;
  else if (constraint === "any fields") node["x-kubernetes-preserve-unknown-fields"] = true;
  else if (constraint.startsWith("CEL ")) node["x-kubernetes-validations"] = [...((node["x-kubernetes-validations"] as readonly Json[] | undefined) ?? []), { rule: constraint.slice(4) }];
  else keyword(node, constraint.slice(0, constraint.indexOf("=")), constraint.slice(constraint.indexOf("=") + 1));
}

function keyword(node: Node, name: string, value: string): void {
  if (name === "enum") node["enum"] = value.split("|");
  else if (name === "default") node["default"] = node["type"] === "integer" ? Number(value) : value;
  else if (name === "list") Object.assign(node, { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": value.slice(value.indexOf("(") + 1, -1).split(",") });
  else node[name] = NUMBERS.has(name) ? Number(value) : value;
}

/** What the list says nothing about may be anything: maps, and arrays of plain values. */
function open(node: Node): void {
  const anything = { "x-kubernetes-preserve-unknown-fields": true };
  if (node["type"] === "object" && node["properties"] === undefined) Object.assign(node, anything);
  if (node["type"] === "array" && node["items"] === undefined) node["items"] = anything;
}
