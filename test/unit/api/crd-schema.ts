import { readFileSync, readdirSync } from "node:fs";
import { load } from "js-yaml";
import type { CustomResourceDefinition } from "../../../src/api/custom-resource-definition.ts";

/** A node of a structural schema, the keywords that our CRDs use. */
export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly nullable?: boolean;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly "x-kubernetes-list-type"?: string;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-validations"?: readonly { readonly rule: string; readonly message?: string }[];
}

const FOLDER = new URL("../../../deploy/crds/", import.meta.url);

/** Our CRDs as they are shipped, by kind. */
export const crds: ReadonlyMap<string, CustomResourceDefinition> = new Map(
  readdirSync(FOLDER).map((file) => {
    // The file is what the test is about; a shape that is off makes it fail.
    const crd = load(readFileSync(new URL(file, FOLDER), "utf8")) as CustomResourceDefinition;
    return [crd.spec.names.kind, crd];
  }),
);

/** The one version of a CRD. */
export function versionOf(kind: string) {
  const version = crds.get(kind)?.spec.versions[0];
  if (!version) throw new Error(`no CRD of ${kind}`);
  return version;
}

/** The root schema of a kind. */
export function schemaOf(kind: string): Schema {
  return versionOf(kind).schema?.openAPIV3Schema ?? {};
}

/** The schema at a path (`spec.a.b[].c`), and whether it is required in its parent; undefined when there is none. */
export function at(root: Schema, path: string): { readonly schema: Schema; readonly required: boolean } | undefined {
  let schema: Schema | undefined = root;
  let required = false;
  for (const step of path.match(/[^.[\]]+|\[\]/g) ?? []) {
    required = schema.required?.includes(step) ?? false;
    schema = step === "[]" ? schema.items : schema.properties?.[step];
    if (!schema) return undefined;
  }
  return { schema, required };
}

/** Every path of a schema in the notation of `at`, parents first. */
export function pathsOf(schema: Schema, prefix = ""): readonly string[] {
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const path = prefix ? `${prefix}.${name}` : name;
    return [path, ...pathsOf(child, path)];
  });
  // An array of plain values has no path of its own unless they are constrained; one of objects has.
  const items = schema.items && (schema.items.properties || schema.items.enum) ? [`${prefix}[]`, ...pathsOf(schema.items, `${prefix}[]`)] : [];
  return [...below, ...items];
}
