import type { CompileCrd } from "../context.ts";
import type { FieldError, JsonObject, PrinterColumn, ResourceInfo } from "../ports.ts";
import { isArray, isObject } from "../same-json.ts";
import { resourceSchema } from "./resource-schema.ts";

const AGE: PrinterColumn = { name: "Age", type: "date", value: ".metadata.creationTimestamp" };

/** The served versions of a CustomResourceDefinition as kinds, or what is wrong with it. Pure. */
export const compileCrd: CompileCrd = (crd) => {
  const errors: FieldError[] = [];
  const spec = objectAt(crd, "spec");
  const resources: ResourceInfo[] = [];
  for (const [at, version] of listAt(spec, "versions").entries()) {
    const path = `spec.versions[${at}]`;
    const openApi = objectAt(objectAt(version, "schema"), "openAPIV3Schema");
    if (openApi["type"] !== "object") errors.push({ reason: "FieldValueRequired", field: `${path}.schema.openAPIV3Schema`, message: "Required value: schemas are required" });
    else if (version["served"] === true) collect(() => resources.push(infoOf(spec, version, openApi)), `${path}.schema.openAPIV3Schema`, errors);
  }
  return errors.length > 0 ? { kind: "invalid", errors } : { kind: "compiled", resources };
};

function collect(compile: () => void, field: string, errors: FieldError[]): void {
  try {
    compile();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    errors.push({ reason: "FieldValueInvalid", field, message: `Invalid value: ${error.message.split("\n")[0] ?? ""}` });
  }
}

function infoOf(spec: JsonObject, version: JsonObject, openApi: JsonObject): ResourceInfo {
  const names = objectAt(spec, "names");
  const columns = listAt(version, "additionalPrinterColumns").map(columnOf);
  return {
    group: textAt(spec, "group"),
    version: textAt(version, "name"),
    kind: textAt(names, "kind"),
    plural: textAt(names, "plural"),
    singular: textAt(names, "singular") || textAt(names, "kind").toLowerCase(),
    shortNames: wordsAt(names, "shortNames"),
    categories: wordsAt(names, "categories"),
    namespaced: spec["scope"] === "Namespaced",
    statusSubresource: isObject(objectAt(version, "subresources")["status"]),
    selectableFields: listAt(version, "selectableFields").map((field) => textAt(field, "jsonPath").replace(/^\./, "")),
    columns: columns.length > 0 ? columns : [AGE],
    schema: resourceSchema(openApi),
    openApiSchema: openApi,
    strategicMerge: false,
  };
}

const COLUMN_TYPES: readonly PrinterColumn["type"][] = ["string", "integer", "number", "boolean", "date"];

function columnOf(column: JsonObject): PrinterColumn {
  const priority = column["priority"];
  return {
    name: textAt(column, "name"),
    type: COLUMN_TYPES.find((type) => type === column["type"]) ?? "string",
    value: textAt(column, "jsonPath"),
    ...(typeof column["description"] === "string" ? { description: column["description"] } : {}),
    ...(typeof column["format"] === "string" ? { format: column["format"] } : {}),
    ...(typeof priority === "number" ? { priority } : {}),
  };
}

function objectAt(object: JsonObject, field: string): JsonObject {
  const value = object[field];
  return isObject(value) ? value : {};
}

function listAt(object: JsonObject, field: string): readonly JsonObject[] {
  const value = object[field];
  return isArray(value) ? value.filter(isObject) : [];
}

function textAt(object: JsonObject, field: string): string {
  const value = object[field];
  return typeof value === "string" ? value : "";
}

function wordsAt(object: JsonObject, field: string): readonly string[] {
  const value = object[field];
  return isArray(value) ? value.map(String) : [];
}
