import type { CompileCrd } from "../context.ts";
import { fieldText } from "../selectors/field-selector.ts";
import { isArray, isObject } from "../same-json.ts";
import { objectAt } from "../objects/strategies.ts";
import type { JsonObject, ResourceInfo } from "../ports.ts";
import { openSchema } from "./open-schema.ts";

/** Serves the kinds of a CustomResourceDefinition without looking at its schemas. */
export const permissiveCrd: CompileCrd = (crd) => {
  const versions = objectAt(crd, "spec")["versions"];
  const served = isArray(versions) ? versions.filter(isObject).filter((version) => version["served"] === true) : [];
  return { kind: "compiled", resources: served.map((version) => infoOf(crd, version)) };
};

function infoOf(crd: JsonObject, version: JsonObject): ResourceInfo {
  const names = objectAt(objectAt(crd, "spec"), "names");
  const texts = (field: string): readonly string[] => (isArray(names[field]) ? names[field].map(String) : []);
  const fields = version["selectableFields"];
  return {
    group: fieldText(crd, "spec.group"),
    version: fieldText(version, "name"),
    kind: fieldText(names, "kind"),
    plural: fieldText(names, "plural"),
    singular: fieldText(names, "singular") || fieldText(names, "kind").toLowerCase(),
    shortNames: texts("shortNames"),
    categories: texts("categories"),
    namespaced: fieldText(crd, "spec.scope") === "Namespaced",
    statusSubresource: "status" in objectAt(version, "subresources"),
    selectableFields: isArray(fields) ? fields.filter(isObject).map((field) => fieldText(field, "jsonPath").replace(/^\./, "")) : [],
    columns: [],
    schema: openSchema,
    strategicMerge: false,
  };
}
