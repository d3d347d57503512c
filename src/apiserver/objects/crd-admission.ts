import type { Json } from "../../api/object.ts";
import type { ApiContext } from "../context.ts";
import type { JsonObject } from "../ports.ts";
import { isArray, isObject } from "../same-json.ts";
import { invalid } from "../status-error.ts";
import { wholeSeconds } from "../whole-seconds.ts";
import { metaText } from "./metadata.ts";
import { objectAt } from "./strategies.ts";

/** A CustomResourceDefinition with names and conditions filled in: its kinds are served from the moment it is stored. Throws StatusError 422. */
export function admitCrd(context: ApiContext, crd: JsonObject): JsonObject {
  const complete = withNames(crd);
  const compiled = context.compileCrd(complete);
  const name = metaText(crd, "name");
  if (compiled.kind === "invalid") throw invalid("apiextensions.k8s.io", "CustomResourceDefinition", name, compiled.errors);
  const old = objectAt(crd, "status");
  const conditions = isArray(old["conditions"]) && old["conditions"].length > 0 ? old["conditions"] : accepted(wholeSeconds(context.clock.now()));
  return { ...complete, status: { ...old, conditions, acceptedNames: objectAt(objectAt(complete, "spec"), "names"), storedVersions: storedVersions(complete, old) } };
}

/** The version in whose form objects are stored. */
export function storageVersionOf(crd: JsonObject): string | undefined {
  const versions = objectAt(crd, "spec")["versions"];
  const stored = isArray(versions) ? versions.find((version) => isObject(version) && version["storage"] === true) : undefined;
  return isObject(stored) && typeof stored["name"] === "string" ? stored["name"] : undefined;
}

function storedVersions(crd: JsonObject, status: JsonObject): readonly Json[] {
  const before = isArray(status["storedVersions"]) ? status["storedVersions"] : [];
  const version = storageVersionOf(crd);
  return version === undefined || before.includes(version) ? before : [...before, version];
}

function withNames(crd: JsonObject): JsonObject {
  const spec = objectAt(crd, "spec");
  const names = objectAt(spec, "names");
  const kind = typeof names["kind"] === "string" ? names["kind"] : "";
  return { ...crd, spec: { conversion: { strategy: "None" }, ...spec, names: { singular: kind.toLowerCase(), listKind: `${kind}List`, ...names } } };
}

function accepted(at: string): readonly Json[] {
  return [
    { type: "NamesAccepted", status: "True", lastTransitionTime: at, reason: "NoConflicts", message: "no conflicts found" },
    { type: "Established", status: "True", lastTransitionTime: at, reason: "InitialNamesAccepted", message: "the initial names have been accepted" },
  ];
}
