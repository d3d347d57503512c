import type { Mutant } from "./mutant.ts";

/** `source` of `file` with the edits of a mutant in it. Error when the text of an edit is not there exactly once: the mutant has to follow the source. */
export function mutated({ id, edits }: Pick<Mutant, "id" | "edits">, file: string, source: string): string {
  let text = source;
  for (const edit of edits) {
    if (edit.file !== file) continue;
    const times = text.split(edit.find).length - 1;
    if (times !== 1) throw new Error(`mutant ${id}: its text is ${times} times in ${file}, not once: ${JSON.stringify(edit.find)}`);
    text = text.replace(edit.find, () => edit.replace);
  }
  return text;
}
