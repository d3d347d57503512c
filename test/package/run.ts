import { execFileSync, type ExecFileSyncOptions } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// The package as its users get it: packed, installed into an empty folder, and run on the oldest Node that it promises.
const OLDEST_NODE = "22";
const root = join(import.meta.dirname, "..", "..");
const folder = mkdtempSync(join(tmpdir(), "ro-package-"));
let passed = 0;

try {
  run("npm", ["pack", "--pack-destination", folder], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (!tarball) throw new Error("npm pack left no tarball");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "user", private: true, type: "module", allowScripts: { node: true } }));
  run("npm", ["install", "--no-save", join(folder, tarball), `node@${OLDEST_NODE}`], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  const node = join(folder, "node_modules", ".bin", "node");
  const ro = join(folder, "node_modules", "remediation-orchestrator", "dist", "cli", "main.js");

  check(`runs on Node ${OLDEST_NODE}`, out(node, ["--version"]).startsWith(`v${OLDEST_NODE}.`));
  check("prints its help", out(node, [ro, "--help"]).includes("Usage: ro"));
  check("prints the CRDs", out(node, [ro, "crds"]).includes("workflowexecutions.kubernaut.ai"));
  for (const entry of ["remediation-orchestrator", "remediation-orchestrator/locking", "remediation-orchestrator/testing"]) {
    check(`${entry} can be imported`, out(node, ["--input-type=module", "-e", `console.log(Object.keys(await import("${entry}")).length > 0)`]).includes("true"));
  }
  check("the demo observes what it claims", out(node, [ro, "demo"]).includes("Everything above was observed"));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, 0 failed`);

function run(command: string, args: readonly string[], options: ExecFileSyncOptions): void {
  execFileSync(command, args, options);
}

function out(command: string, args: readonly string[]): string {
  return execFileSync(command, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

function check(what: string, holds: boolean): void {
  if (!holds) throw new Error(`the package fails: ${what}`);
  passed++;
  console.log(`ok: ${what}`);
}
