import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { controlPlaneBinaries } from "../binaries.ts";
import { command } from "../control-plane.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");

test("every kubectl line that ro dev prints works as it is printed", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "ro-dev-"));
  const kubeconfig = join(folder, "kubeconfig");
  const { kubectl } = await controlPlaneBinaries();
  const dev = spawn(process.execPath, ["src/cli/main.ts", "dev", "--write-kubeconfig", kubeconfig, "--log-level", "error"], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  t.after(async () => {
    dev.kill("SIGTERM");
    await rm(folder, { recursive: true, force: true });
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: dev.stdout })) {
    if (/^ {2}kubectl /.test(line)) lines.push(line.split("#", 1)[0]?.trim() ?? "");
    if (line.startsWith("Ctrl-C")) break;
  }
  assert.ok(lines.length >= 7, `only ${lines.length} lines were printed`);
  for (const line of lines) {
    // A watch has no end of its own; the wait that follows it is the judge.
    if (line.endsWith(" -w")) continue;
    const { code, stderr } = await command("bash", ["-c", `cd ${JSON.stringify(ROOT)} && kubectl() { ${JSON.stringify(kubectl)} --kubeconfig ${JSON.stringify(kubeconfig)} "$@"; }; ${line}`], undefined);
    assert.equal(code, 0, `${line}: ${stderr}`);
  }
  const left = await command(kubectl, ["--kubeconfig", kubeconfig, "get", "rr,sp,aia,wfe,ea,jobs", "-o", "name"], undefined);
  assert.equal(left.stdout, "", "deleting the remediation leaves nothing of it");
});
