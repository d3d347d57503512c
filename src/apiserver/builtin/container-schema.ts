import type { Json } from "../../api/object.ts";
import { invalidValue, requiredValue, validateDnsName } from "../objects/metadata-validation.ts";
import { objectAt } from "../objects/strategies.ts";
import type { FieldError, JsonObject } from "../ports.ts";
import { isArray, isObject } from "../same-json.ts";
import { fieldText } from "../selectors/field-selector.ts";
import { validateResources } from "./container-resources.ts";

const ENV_NAME = /^[ -<>-~]+$/;
const ENV_RULE = "a valid environment variable name must consist only of printable ASCII characters other than '='";
const PULL_POLICIES = ["Always", "IfNotPresent", "Never"];
const MESSAGE_POLICIES = ["File", "FallbackToLogsOnError"];

/** What the real server says against a pod's spec, or a template's, which stands at `path`. Only what is named here is looked at. */
export function validatePodSpec(spec: JsonObject, path: string): readonly FieldError[] {
  const containers = spec["containers"];
  const account = fieldText(spec, "serviceAccountName");
  return [
    ...(isArray(containers) && containers.length > 0 ? containers.flatMap((container, at) => validateContainer(container, containers.slice(0, at), `${path}.containers[${at}]`)) : [requiredValue(`${path}.containers`)]),
    ...(account === "" ? [] : validateDnsName(account, `${path}.serviceAccountName`, "subdomain")),
  ];
}

function validateContainer(container: Json, before: readonly Json[], path: string): readonly FieldError[] {
  if (!isObject(container)) return [wrongType(path, container, "v1.Container")];
  return [
    ...undecodable(container, path),
    ...validateName(container, before, path),
    ...(fieldText(container, "image") === "" ? [requiredValue(`${path}.image`)] : []),
    ...oneOf(container["imagePullPolicy"], PULL_POLICIES, `${path}.imagePullPolicy`),
    ...oneOf(container["terminationMessagePolicy"], MESSAGE_POLICIES, `${path}.terminationMessagePolicy`),
    ...validateEnv(container["env"], `${path}.env`),
    ...validateResources(objectAt(container, "resources"), `${path}.resources`),
  ];
}

function validateName(container: JsonObject, before: readonly Json[], path: string): readonly FieldError[] {
  const name = fieldText(container, "name");
  const field = `${path}.name`;
  if (name === "") return [requiredValue(field)];
  const twice = before.some((other) => isObject(other) && other["name"] === name);
  return [...validateDnsName(name, field, "label"), ...(twice ? [{ reason: "FieldValueDuplicate", field, message: `Duplicate value: ${JSON.stringify(name)}` } as const] : [])];
}

function validateEnv(env: Json | undefined, path: string): readonly FieldError[] {
  if (!isArray(env)) return [];
  return env.flatMap((variable, at) => {
    const field = `${path}[${at}]`;
    if (!isObject(variable)) return [wrongType(field, variable, "v1.EnvVar")];
    const name = fieldText(variable, "name");
    const named = name === "" ? [requiredValue(`${field}.name`)] : ENV_NAME.test(name) ? [] : [invalidValue(`${field}.name`, name, ENV_RULE)];
    const both = isObject(variable["valueFrom"]) && fieldText(variable, "value") !== "" ? [invalidValue(`${field}.valueFrom`, "", "may not be specified when `value` is not empty")] : [];
    return [...named, ...both];
  });
}

/** Fields of a wrong type, with which the real server does not even begin. */
function undecodable(container: JsonObject, path: string): readonly FieldError[] {
  const { env, command, args } = container;
  const texts = (field: string, value: Json | undefined): readonly FieldError[] => (value === undefined || value === null || (isArray(value) && value.every((word) => typeof word === "string")) ? [] : [wrongType(`${path}.${field}`, value, "[]string")]);
  const variables = env === undefined || env === null || isArray(env) ? [] : [wrongType(`${path}.env`, env, "[]v1.EnvVar")];
  const values = isArray(env) ? env.flatMap((variable, at) => (isObject(variable) && variable["value"] !== undefined && variable["value"] !== null && typeof variable["value"] !== "string" ? [wrongType(`${path}.env[${at}].value`, variable["value"], "string")] : [])) : [];
  return [...texts("command", command), ...texts("args", args), ...variables, ...values];
}

function oneOf(value: Json | undefined, supported: readonly string[], field: string): readonly FieldError[] {
  if (value === undefined || value === "" || (typeof value === "string" && supported.includes(value))) return [];
  return [{ reason: "FieldValueNotSupported", field, message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported.map((word) => JSON.stringify(word)).join(", ")}` }];
}

function wrongType(field: string, value: Json, goType: string): FieldError {
  return { reason: "FieldValueTypeInvalid", field, message: `json: cannot unmarshal ${isArray(value) ? "array" : typeof value} into Go struct field ${field} of type ${goType}` };
}
