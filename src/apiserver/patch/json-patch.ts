import type { Json } from "../../api/object.ts";
import { isArray, isObject, sameJson } from "../same-json.ts";
import { patchRejected } from "../status-error.ts";

interface Step {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: Json;
}

/** RFC 6902. Throws StatusError 422 when a step, a `test` among them, does not hold. */
export function jsonPatch(target: Json, patch: Json): Json {
  if (!isArray(patch)) throw patchRejected();
  return patch.reduce<Json>((document, step) => apply(document, stepOf(step)), target);
}

function stepOf(step: Json): Step {
  if (!isObject(step)) throw patchRejected();
  const { op, path, from, value } = step;
  if (typeof op !== "string" || typeof path !== "string") throw patchRejected();
  return { op, path, ...(typeof from === "string" ? { from } : {}), ...(value === undefined ? {} : { value }) };
}

function apply(document: Json, step: Step): Json {
  const path = pointer(step.path);
  switch (step.op) {
    case "add":
      return add(document, path, needed(step.value));
    case "replace":
      needed(read(document, path));
      return add(remove(document, path), path, needed(step.value));
    case "remove":
      return remove(document, path);
    case "test":
      if (!sameJson(read(document, path) ?? null, step.value ?? null)) throw patchRejected();
      return document;
    case "copy":
      return add(document, path, needed(read(document, pointer(step.from ?? ""))));
    case "move": {
      const from = pointer(step.from ?? "");
      return add(remove(document, from), path, needed(read(document, from)));
    }
    default:
      throw patchRejected();
  }
}

function pointer(path: string): readonly string[] {
  if (path === "") return [];
  if (!path.startsWith("/")) throw patchRejected();
  return path
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function needed(value: Json | undefined): Json {
  if (value === undefined) throw patchRejected();
  return value;
}

function read(document: Json, path: readonly string[]): Json | undefined {
  let at: Json | undefined = document;
  for (const part of path) {
    if (isArray(at)) at = at[index(part, at.length - 1)];
    else if (isObject(at)) at = Object.hasOwn(at, part) ? at[part] : undefined;
    else return undefined;
  }
  return at;
}

function index(part: string, max: number): number {
  if (!/^(0|[1-9]\d*)$/.test(part) || Number(part) > max) throw patchRejected();
  return Number(part);
}

/** A copy of `document` in which `change` made a new container of the one that `path`'s last part stands in. */
function within(document: Json, path: readonly string[], change: (container: Json, key: string) => Json): Json {
  const [head, ...rest] = path;
  if (head === undefined) throw patchRejected();
  if (rest.length === 0) return change(document, head);
  if (isArray(document)) {
    const at = index(head, document.length - 1);
    return document.with(at, within(needed(document[at]), rest, change));
  }
  if (!isObject(document) || !Object.hasOwn(document, head)) throw patchRejected();
  return { ...document, [head]: within(needed(document[head]), rest, change) };
}

function add(document: Json, path: readonly string[], value: Json): Json {
  if (path.length === 0) return value;
  return within(document, path, (container, key) => {
    if (isArray(container)) return container.toSpliced(key === "-" ? container.length : index(key, container.length), 0, value);
    if (isObject(container)) return { ...container, [key]: value };
    throw patchRejected();
  });
}

function remove(document: Json, path: readonly string[]): Json {
  if (path.length === 0) return null;
  return within(document, path, (container, key) => {
    if (isArray(container)) return container.toSpliced(index(key, container.length - 1), 1);
    if (!isObject(container) || !Object.hasOwn(container, key)) throw patchRejected();
    const { [key]: _removed, ...rest } = container;
    return rest;
  });
}
