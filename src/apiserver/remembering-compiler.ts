import type { CompileCrd } from "./context.ts";

type Compiled = ReturnType<CompileCrd>;

/** A compiler that compiles every spec once. Handed to several servers, they share what it knows. */
export function rememberingCompiler(compile: CompileCrd): CompileCrd {
  const known = new Map<string, Compiled>();
  return (crd) => {
    const text = JSON.stringify(crd["spec"] ?? null);
    let compiled = known.get(text);
    if (!compiled) {
      compiled = compile(crd);
      known.set(text, compiled);
    }
    return compiled;
  };
}
