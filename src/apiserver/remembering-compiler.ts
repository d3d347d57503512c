import type { Json } from "../api/object.ts";
import type { CompileCrd } from "./context.ts";
import { isObject } from "./same-json.ts";

type Compiled = ReturnType<CompileCrd>;

/** A compiler that compiles every spec once. Handed to several servers, they share what it knows. */
export function rememberingCompiler(compile: CompileCrd): CompileCrd {
  const byText = new Map<string, Compiled>();
  // The schemas are nearly all of the text: those that are the very same object need not be spelt out to be known again.
  const bySchemas = new WeakMap<object, Map<string, Compiled>>();
  const compiled = (crd: Parameters<CompileCrd>[0]): Compiled => {
    const text = JSON.stringify(crd["spec"] ?? null);
    const known = byText.get(text) ?? compile(crd);
    byText.set(text, known);
    return known;
  };
  return (crd) => {
    const { versions, ...rest } = specOf(crd["spec"]);
    if (typeof versions !== "object" || versions === null) return compiled(crd);
    const known = bySchemas.get(versions) ?? new Map<string, Compiled>();
    bySchemas.set(versions, known);
    const text = JSON.stringify(rest);
    const answer = known.get(text) ?? compiled(crd);
    known.set(text, answer);
    return answer;
  };
}

function specOf(spec: Json | undefined): Readonly<Record<string, Json>> {
  return spec !== undefined && isObject(spec) ? spec : {};
}
