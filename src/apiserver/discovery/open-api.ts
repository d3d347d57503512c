import { createHash } from "node:crypto";
import type { JsonObject, ResourceInfo } from "../ports.ts";
import type { GroupVersion } from "./group-versions.ts";

/** The documents of OpenAPI v3, one per group and version; the hash changes with what is in it, so that clients may keep it. */
export function openApiIndex(groups: readonly GroupVersion[]): JsonObject {
  return { paths: Object.fromEntries(groups.map((group) => [group.path, { serverRelativeURL: `/openapi/v3/${group.path}?hash=${hashOf(group)}` }])) };
}

/** One group and version: the schemas, and which operations there are. kubectl looks here whether the server validates fields. */
export function openApiV3(group: GroupVersion): JsonObject {
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: "v1.37.2" },
    paths: Object.fromEntries(group.resources.flatMap((resource) => pathsOf(group, resource))),
    components: { schemas: Object.fromEntries(group.resources.map((resource) => [schemaName(resource), schemaOf(resource)])) },
  };
}

function hashOf(group: GroupVersion): string {
  return createHash("sha256").update(JSON.stringify(group.resources.map((resource) => [schemaName(resource), resource.openApiSchema ?? null]))).digest("hex").slice(0, 32).toUpperCase();
}

function schemaName({ group, version, kind }: ResourceInfo): string {
  return [...(group || "core").split(".").toReversed(), version, kind].join(".");
}

function schemaOf(resource: ResourceInfo): JsonObject {
  const { group, version, kind, openApiSchema } = resource;
  const open = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  return { ...(openApiSchema ?? open), "x-kubernetes-group-version-kind": [{ group, version, kind }] };
}

function pathsOf(group: GroupVersion, resource: ResourceInfo): readonly (readonly [string, JsonObject])[] {
  const collection = `/${group.path}/${resource.namespaced ? "namespaces/{namespace}/" : ""}${resource.plural}`;
  const operation = (action: string, ...parameters: readonly string[]): JsonObject => ({
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": { group: resource.group, version: resource.version, kind: resource.kind },
    parameters: parameters.map((name) => ({ name, in: "query", schema: { type: "string", uniqueItems: true } })),
    responses: { "200": { description: "OK", content: { "application/json": { schema: { $ref: `#/components/schemas/${schemaName(resource)}` } } } } },
  });
  const writes = ["dryRun", "fieldManager", "fieldValidation"];
  return [
    [collection, { get: operation("list", "labelSelector", "fieldSelector", "limit", "continue", "watch"), post: operation("post", ...writes) }],
    [`${collection}/{name}`, { get: operation("get"), put: operation("put", ...writes), patch: operation("patch", ...writes, "force"), delete: operation("delete", "dryRun", "propagationPolicy") }],
  ];
}
