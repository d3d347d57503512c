import type { Json } from "../../api/object.ts";
import { invalidValue, requiredValue } from "../objects/metadata-validation.ts";
import { objectAt } from "../objects/strategies.ts";
import type { FieldError, JsonObject, ResourceSchema } from "../ports.ts";
import { isArray, sameJson } from "../same-json.ts";
import { fieldText } from "../selectors/field-selector.ts";
import { podSpecDefaults } from "./pod-schema.ts";
import { topLevelSchema } from "./top-level-schema.ts";

// A PUT that leaves these out means their defaults; selector and template labels are the server's own.
const DEFAULTS = { parallelism: 1, completions: 1, backoffLimit: 6, completionMode: "NonIndexed", suspend: false, podReplacementPolicy: "TerminatingOrFailed", manualSelector: false };

/** batch/v1 Job: its defaults, what its pods must say, and what can not change any more. */
export const jobSchema: ResourceSchema = {
  ...topLevelSchema(["spec", "status"]),
  withDefaults(job) {
    const spec = objectAt(job, "spec");
    const template = objectAt(spec, "template");
    return { ...job, spec: { ...DEFAULTS, ...spec, template: { ...template, spec: podSpecDefaults(objectAt(template, "spec")) } } };
  },
  validate: (job, old) => [...validatePods(objectAt(job, "spec")), ...(old ? validateUpdate(objectAt(job, "spec"), old) : [])],
};

function validatePods(spec: JsonObject): readonly FieldError[] {
  const pod = objectAt(objectAt(spec, "template"), "spec");
  const containers = pod["containers"];
  const policy = pod["restartPolicy"];
  return [
    ...(isArray(containers) && containers.length > 0 ? [] : [requiredValue("spec.template.spec.containers")]),
    ...(policy === "Never" || policy === "OnFailure" ? [] : [requiredValue("spec.template.spec.restartPolicy", 'valid values: "OnFailure", "Never"')]),
  ];
}

function validateUpdate(spec: JsonObject, oldJob: JsonObject): readonly FieldError[] {
  const old = objectAt(oldJob, "spec");
  const errors: FieldError[] = [];
  const fixed = (field: string, now: Json | undefined, then: Json | undefined): void => {
    if (!sameJson(now, then)) errors.push(invalidValue(`spec.${field}`, now ?? null, "field is immutable"));
  };
  if (spec["selector"] === undefined) errors.push(requiredValue("spec.selector"));
  for (const field of ["selector", "completions", "completionMode", "podFailurePolicy", "managedBy"]) fixed(field, spec[field], old[field]);
  // Until a suspended Job has started, its pods' labels and annotations may still change.
  const open = old["suspend"] === true && fieldText(oldJob, "status.startTime") === "";
  if (open) fixed("template.spec", objectAt(objectAt(spec, "template"), "spec"), objectAt(objectAt(old, "template"), "spec"));
  else fixed("template", spec["template"], old["template"]);
  return errors;
}
