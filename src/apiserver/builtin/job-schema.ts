import type { Json } from "../../api/object.ts";
import { invalidValue, requiredValue, validateAnnotations, validateLabels } from "../objects/metadata-validation.ts";
import { objectAt } from "../objects/strategies.ts";
import type { FieldError, JsonObject, ResourceSchema } from "../ports.ts";
import { sameJson } from "../same-json.ts";
import { fieldText } from "../selectors/field-selector.ts";
import { validatePodSpec } from "./container-schema.ts";
import { podSpecDefaults } from "./pod-schema.ts";
import { topLevelSchema } from "./top-level-schema.ts";

// A PUT that leaves these out means their defaults; selector and template labels are the server's own.
const DEFAULTS = { parallelism: 1, completions: 1, backoffLimit: 6, completionMode: "NonIndexed", suspend: false, podReplacementPolicy: "TerminatingOrFailed", manualSelector: false };

const NOT_NEGATIVE = ["parallelism", "completions", "backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished"];

/** batch/v1 Job: its defaults, what its pods must say, and what can not change any more. */
export const jobSchema: ResourceSchema = {
  ...topLevelSchema(["spec", "status"]),
  withDefaults(job) {
    const spec = objectAt(job, "spec");
    const template = objectAt(spec, "template");
    const labels = objectAt(objectAt(template, "metadata"), "labels");
    // A Job without labels has those of its pods.
    const meta = objectAt(job, "metadata");
    const labelled = Object.keys(objectAt(meta, "labels")).length === 0 && Object.keys(labels).length > 0 ? { metadata: { ...meta, labels } } : {};
    return { ...job, ...labelled, spec: { ...DEFAULTS, ...spec, template: { ...template, spec: podSpecDefaults(objectAt(template, "spec")) } } };
  },
  validate: (job, old) => [...validatePods(objectAt(job, "spec")), ...(old ? validateUpdate(objectAt(job, "spec"), old) : [])],
};

function validatePods(spec: JsonObject): readonly FieldError[] {
  const template = objectAt(spec, "template");
  const pod = objectAt(template, "spec");
  const meta = objectAt(template, "metadata");
  const policy = pod["restartPolicy"];
  return [
    ...NOT_NEGATIVE.flatMap((field) => notNegative(spec[field], `spec.${field}`)),
    ...validateLabels(objectAt(meta, "labels"), "spec.template.labels"),
    ...validateAnnotations(objectAt(meta, "annotations"), "spec.template.annotations"),
    ...validatePodSpec(pod, "spec.template.spec"),
    ...(policy === "Never" || policy === "OnFailure" ? [] : [requiredValue("spec.template.spec.restartPolicy", 'valid values: "OnFailure", "Never"')]),
  ];
}

function notNegative(value: Json | undefined, field: string): readonly FieldError[] {
  return typeof value === "number" && value < 0 ? [invalidValue(field, value, "must be greater than or equal to 0")] : [];
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
