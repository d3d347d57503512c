import { registerHooks } from "node:module";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { mutated } from "./mutated.ts";
import { mutantOf } from "./mutants.ts";

/**
 * Preloaded (`node --import ./test/zoo/put-in.ts`), it puts the mutant that ZOO_MUTANT names into the source as Node loads it,
 * in every thread of the process. Nothing on disk changes, and without the variable nothing is changed at all.
 */
const ROOT = join(import.meta.dirname, "..", "..");
const id = process.env["ZOO_MUTANT"];
const waiting = new Set<string>();

/** Files that the mutant changes and that nobody has loaded yet. */
export function notYetIn(): readonly string[] {
  return [...waiting];
}

if (id) {
  const mutant = mutantOf(id);
  for (const { file } of mutant.edits) waiting.add(file);
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const file = url.startsWith("file:") ? relative(ROOT, fileURLToPath(url)).split(sep).join("/") : "";
      if (!mutant.edits.some((edit) => edit.file === file) || loaded.source === undefined || loaded.source === null) return loaded;
      waiting.delete(file);
      const source = typeof loaded.source === "string" ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString("utf8");
      return { ...loaded, source: mutated(mutant, file, source) };
    },
  });
}
