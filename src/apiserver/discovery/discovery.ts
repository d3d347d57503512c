import type { ApiRequest, ApiResponse, JsonObject, ResourceInfo } from "../ports.ts";
import { jsonText, plainText } from "../respond.ts";
import { aggregatedGroups } from "./aggregated.ts";
import { groupVersions, resourceEntries, type GroupVersion } from "./group-versions.ts";
import { openApiIndex, openApiV3 } from "./open-api.ts";

const AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** Answers what a client asks to learn which kinds are served and how; undefined for any other path. */
export function discovery(request: ApiRequest, resources: readonly ResourceInfo[]): ApiResponse | undefined {
  const path = request.url.split("?", 1)[0] ?? "";
  const parts = path.split("/").filter((part) => part !== "");
  switch (parts[0]) {
    case "api":
      return parts.length === 1 ? root(request, resources, true) : list(resources, "", parts[1], parts.length === 2);
    case "apis":
      return parts.length === 1 ? root(request, resources, false) : ofGroup(resources, parts);
    case "openapi":
      return openApi(resources, parts.slice(1));
    default:
      return path === "/" ? jsonText(200, JSON.stringify({ paths: ["/api", "/apis", "/openapi/v3", "/healthz", "/version"] })) : undefined;
  }
}

/** `/api` and `/apis`, aggregated where the client prefers that. */
function root(request: ApiRequest, resources: readonly ResourceInfo[], core: boolean): ApiResponse {
  const wanted = (request.headers["accept"] ?? "").replaceAll(" ", "");
  if (wanted.includes("as=APIGroupDiscoveryList") && wanted.includes("v=v2;") && wanted.includes("application/json;")) {
    return jsonText(200, JSON.stringify(aggregatedGroups(resources, core)), { "content-type": AGGREGATED });
  }
  const groups = groupVersions(resources);
  if (core) return answer({ kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] });
  return answer({ kind: "APIGroupList", apiVersion: "v1", groups: groupNames(groups).map((group) => groupDocument(groups, group)) });
}

function ofGroup(resources: readonly ResourceInfo[], parts: readonly string[]): ApiResponse | undefined {
  const group = parts[1] ?? "";
  const groups = groupVersions(resources);
  if (parts.length === 2) return groupNames(groups).includes(group) ? answer(groupDocument(groups, group)) : undefined;
  return list(resources, group, parts[2], parts.length === 3);
}

function list(resources: readonly ResourceInfo[], group: string, version: string | undefined, whole: boolean): ApiResponse | undefined {
  const found = whole ? groupVersions(resources).find((candidate) => candidate.group === group && candidate.version === version) : undefined;
  if (!found) return undefined;
  return answer({ kind: "APIResourceList", apiVersion: "v1", groupVersion: found.name, resources: resourceEntries(found) });
}

function groupNames(groups: readonly GroupVersion[]): readonly string[] {
  return [...new Set(groups.map(({ group }) => group))].filter((group) => group !== "");
}

function groupDocument(groups: readonly GroupVersion[], group: string): JsonObject {
  const versions = groups.filter((candidate) => candidate.group === group).map(({ name, version }) => ({ groupVersion: name, version }));
  return { kind: "APIGroup", apiVersion: "v1", name: group, versions, preferredVersion: versions[0] ?? null };
}

function openApi(resources: readonly ResourceInfo[], parts: readonly string[]): ApiResponse | undefined {
  const groups = groupVersions(resources);
  // The second version is served as protobuf only; clients that find none go on with the third.
  if (parts[0] !== "v3") return plainText(404, "404 page not found\n");
  if (parts.length === 1) return answer(openApiIndex(groups));
  const path = parts.slice(1).join("/");
  const found = groups.find((candidate) => candidate.path === path);
  return found && answer(openApiV3(found));
}

function answer(document: JsonObject): ApiResponse {
  return jsonText(200, JSON.stringify(document));
}
