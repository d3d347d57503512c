import { readFileSync } from "node:fs";

/** One field as the published API has it. */
export interface PublishedField {
  readonly path: string;
  readonly required: boolean;
  readonly type: string;
  /** `keyword=value`, `CEL rule`, `nullable`, `any fields`. */
  readonly constraints: readonly string[];
}

/** One kind as the published API has it. */
export interface PublishedKind {
  readonly kind: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly selectable: readonly string[];
  readonly fields: readonly PublishedField[];
}

const FILE = new URL("kubernaut-v1.6-fields.txt", import.meta.url);
const HEADING = /^## (?<kind>\w+) {2}plural=(?<plural>\w+) short=(?<short>\S*) version=v1alpha1 subresources=status selectable=(?<selectable>\S*)$/;

/** The published API: what neighbours rely on. */
export const publishedKinds: readonly PublishedKind[] = readFileSync(FILE, "utf8")
  .split(/^(?=## )/m)
  .filter((section) => section.startsWith("## "))
  .map(parseKind);

function parseKind(section: string): PublishedKind {
  const [heading = "", ...lines] = section.trimEnd().split("\n");
  const { kind = "", plural = "", short = "", selectable = "" } = HEADING.exec(heading)?.groups ?? {};
  if (!kind) throw new Error(`not a heading: ${heading}`);
  return { kind, plural, shortNames: short.split(","), selectable: selectable.split(",").filter(Boolean), fields: lines.map(parseField) };
}

function parseField(line: string): PublishedField {
  const [path = "", type = "", constraints = ""] = line.split("  ");
  return { path: path.replace(/\*$/, ""), required: path.endsWith("*"), type, constraints: constraints.split("; ").filter(Boolean) };
}
