import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The package's own folder, whether this file runs from its source or from what was built of it. */
export const packageRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The version in package.json. */
export function packageVersion(): string {
  // package.json is ours: it has one.
  return (JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { readonly version: string }).version;
}

/** The YAML files below `deploy/<folder>`, by name. */
export function deployFiles(folder: "crds" | "examples"): readonly { readonly name: string; readonly text: string }[] {
  const path = join(packageRoot, "deploy", folder);
  const names = readdirSync(path).filter((name) => name.endsWith(".yaml")).toSorted();
  return names.map((name) => ({ name, text: readFileSync(join(path, name), "utf8") }));
}
