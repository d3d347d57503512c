/** What a file says of a test's name: `proved` where a test of exactly that name is registered and runs. */
export type Naming = "proved" | "skipped" | "missing";

/** A call that registers a test, at the start of a line: what stands in a comment or in a text registers none. */
const REGISTRATION = /^[ \t]*(?:(?:void|await) )?(?:it|test|story|fact|life)(?<modifier>\.\w+)?\(\s*(?<quote>["'`])(?<name>(?:\\.|(?!\k<quote>).)*)\k<quote>/gm;
const SKIPS = /\bskip\s*:(?!\s*false)|\btodo\s*:(?!\s*false)|\bt\.(?:skip|todo)\(/;

/** Looks for the test called `name`, in full, in the source of a test file. */
export function namingOf(source: string, name: string): Naming {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "");
  const registrations = [...code.matchAll(REGISTRATION)];
  const at = registrations.findIndex(({ groups }) => groups?.["name"] === name);
  const found = registrations[at];
  if (!found) return "missing";
  const own = code.slice(found.index, registrations[at + 1]?.index);
  const wholeFile = /\b(?:describe|suite)\.(?:skip|todo)\(/.test(code);
  return found.groups?.["modifier"] !== undefined || SKIPS.test(own) || wholeFile ? "skipped" : "proved";
}
