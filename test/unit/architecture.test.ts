import assert from "node:assert/strict";
import { readFileSync, globSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { describe, it } from "node:test";

const ROOT = join(import.meta.dirname, "..", "..");
const SRC = join(ROOT, "src");

/** What each module may import besides itself. `app` stands for every file directly in src. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  api: [],
  queue: ["lib"],
  metrics: ["lib"],
  kube: ["lib", "api"],
  // Never kube: client and server must not share a bug.
  apiserver: ["lib", "api"],
  cache: ["lib", "api", "kube"],
  locking: ["lib", "api", "kube"],
  controller: ["lib", "api", "queue", "cache", "metrics"],
  remediation: ["lib", "api", "kube", "cache", "controller", "locking", "metrics"],
  workers: ["lib", "api", "kube", "cache", "controller", "locking"],
  http: ["lib", "api", "metrics", "cache"],
  app: ["lib", "api", "kube", "cache", "queue", "controller", "locking", "remediation", "workers", "metrics", "http"],
  cli: ["app", "apiserver", "lib", "api", "kube", "metrics"],
};

const IMPORT = /(?:^|[\n;])\s*(?:import|export)\s(?:[^"';]*?\sfrom\s)?["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)/g;
const files = globSync("**/*.ts", { cwd: SRC }).map((name) => join(SRC, name)).toSorted();

/** A file's code without its comments, in which other rules apply. */
function codeOf(path: string): string {
  return readFileSync(path, "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|\s)\/\/[^\n]*/g, "$1");
}

function importsOf(path: string): readonly string[] {
  return [...codeOf(path).matchAll(IMPORT)].map(([, named, dynamic]) => named ?? dynamic ?? "");
}

function moduleOf(path: string): string {
  const parts = relative(SRC, path).split(sep);
  return parts.length === 1 ? "app" : (parts[0] ?? "");
}

function violations(judge: (path: string) => readonly string[]): readonly string[] {
  return files.flatMap((path) => judge(path).map((what) => `${relative(ROOT, path)}: ${what}`));
}

describe("the house", () => {
  it("is read: its files and their imports are found", () => {
    assert.ok(files.length > 100, `${files.length} files were found`);
    assert.ok(importsOf(join(SRC, "replica.ts")).includes("./remediation/remediation.ts"));
  });

  it("has no module that the table does not know", () => {
    assert.deepEqual(violations((path) => (moduleOf(path) in MAY_IMPORT ? [] : [moduleOf(path)])), []);
  });

  it("lets imports only point down", () => {
    const wrong = violations((path) => {
      const own = moduleOf(path);
      const targets = importsOf(path).filter((name) => name.startsWith(".")).map((name) => moduleOf(join(dirname(path), name)));
      return targets.filter((target) => target !== own && !MAY_IMPORT[own]?.includes(target)).map((target) => `imports ${target}`);
    });
    assert.deepEqual(wrong, []);
  });

  it("keeps the workers apart from each other", () => {
    const workerOf = (path: string): string => relative(join(SRC, "workers"), path).split(sep)[0] ?? "";
    const wrong = violations((path) => {
      if (moduleOf(path) !== "workers") return [];
      const targets = importsOf(path).filter((name) => name.startsWith(".")).map((name) => join(dirname(path), name));
      return targets.filter((target) => moduleOf(target) === "workers" && workerOf(target) !== workerOf(path)).map((target) => `imports ${relative(SRC, target)}`);
    });
    assert.deepEqual(wrong, []);
  });

  it("lets api and lib know nothing of the rest", () => {
    assert.deepEqual(violations((path) => (moduleOf(path) === "api" ? importsOf(path).filter((name) => !name.startsWith(".")) : [])), []);
  });

  it("has no file over 300 lines", () => {
    assert.deepEqual(violations((path) => (readFileSync(path, "utf8").split("\n").length > 301 ? ["too long"] : [])), []);
  });

  it("takes time, chance and environment only where they are handed out", () => {
    const rules: readonly (readonly [RegExp, (path: string) => boolean])[] = [
      [/\bset(Timeout|Interval)\(|\bDate\.now\(|\bperformance\.now\(/, (path) => path.endsWith("lib/clock.ts") || path.includes("/cli/")],
      [/\bMath\.random\b/, (path) => path.includes("/cli/")],
      [/\bprocess\.env\b/, (path) => path.endsWith("cli/main.ts")],
    ];
    const wrong = violations((path) => rules.filter(([pattern, allowed]) => !allowed(path) && pattern.test(codeOf(path))).map(([pattern]) => String(pattern)));
    assert.deepEqual(wrong, []);
  });

  it("has barrels only at its public entry points", () => {
    const isBarrel = (path: string): boolean => path.endsWith(`${sep}index.ts`);
    assert.deepEqual(files.filter(isBarrel).map((path) => relative(SRC, path)), [join("apiserver", "index.ts"), "index.ts", join("locking", "index.ts")]);
  });

  it("has no cycle of imports", () => {
    const graph = new Map(files.map((path) => [path, importsOf(path).filter((name) => name.startsWith(".")).map((name) => join(dirname(path), name))]));
    const done = new Set<string>();
    const walk = (path: string, trail: readonly string[]): readonly string[] | undefined => {
      if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
      if (done.has(path)) return undefined;
      for (const next of graph.get(path) ?? []) {
        const cycle = walk(next, [...trail, path]);
        if (cycle) return cycle;
      }
      done.add(path);
      return undefined;
    };
    const cycles = files.map((path) => walk(path, [])).filter((cycle) => cycle !== undefined);
    assert.deepEqual(cycles.map((cycle) => cycle.map((path) => relative(SRC, path)).join(" -> ")), []);
  });
});
