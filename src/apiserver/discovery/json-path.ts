import type { Json } from "../../api/object.ts";
import { isArray, isObject } from "../same-json.ts";

type Step = { readonly field: string } | { readonly at: number } | { readonly all: true } | { readonly where: readonly string[]; readonly equals: string };

const STEP = /\.([A-Za-z0-9_\-/]+(?:\\\.[A-Za-z0-9_\-/]+)*)|\['([^']*)'\]|\[(\d+)\]|\[(\*)\]|\[\?\(@((?:\.[A-Za-z0-9_-]+)+)==['"]([^'"]*)['"]\)\]/gy;

/** The value at a simple JSONPath (`.a.b[0]`, `.a['b']`, `.a[?(@.type=="x")].b`); undefined where there is none, or the path is beyond this subset. */
export function jsonPath(path: string): (object: Json) => Json | undefined {
  const steps = parse(path.startsWith(".") || path.startsWith("[") ? path : `.${path}`);
  return (object) => steps?.reduce<Json | undefined>(take, object);
}

function parse(path: string): readonly Step[] | undefined {
  const steps: Step[] = [];
  let end = 0;
  for (const match of path.matchAll(STEP)) {
    const [whole, field, quoted, at, all, where, equals] = match;
    end = match.index + whole.length;
    if (field !== undefined) steps.push({ field: field.replaceAll("\\.", ".") });
    else if (quoted !== undefined) steps.push({ field: quoted });
    else if (at !== undefined) steps.push({ at: Number(at) });
    else if (all !== undefined) steps.push({ all: true });
    else if (where !== undefined) steps.push({ where: where.slice(1).split("."), equals: equals ?? "" });
  }
  return end === path.length ? steps : undefined;
}

function take(value: Json | undefined, step: Step): Json | undefined {
  if ("field" in step) return isObject(value) ? value[step.field] : undefined;
  if (!isArray(value)) return undefined;
  if ("at" in step) return value[step.at];
  if ("all" in step) return value[0];
  return value.find((item) => step.where.reduce<Json | undefined>((inner, field) => (isObject(inner) ? inner[field] : undefined), item) === step.equals);
}
