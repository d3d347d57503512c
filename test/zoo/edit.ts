import type { Edit } from "./mutant.ts";

/** Makes edits of one file, named from `src/`. */
export function editsOf(file: string): (find: string, replace: string) => Edit {
  return (find, replace) => ({ file: `src/${file}`, find, replace });
}
