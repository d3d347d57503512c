import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { eventually } from "../../support/eventually.ts";

const RUN = join(import.meta.dirname, "..", "..", "model", "run.ts");

/** A folder for temporary files, and another one with a Spin that says its version and then is at work for longer than any test. */
function placesFor(t: TestContext): { readonly temporary: string; readonly tools: string } {
  const folder = mkdtempSync(join(tmpdir(), "interrupted-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [temporary, tools] = [join(folder, "tmp"), join(folder, "bin")];
  for (const place of [temporary, tools]) mkdirSync(place);
  writeFileSync(join(tools, "gcc"), "#!/bin/sh\n");
  writeFileSync(join(tools, "spin"), '#!/bin/sh\nif [ "$1" = -V ]; then echo Spin; else echo $$ > pid; touch pan.c; exec sleep 60; fi\n');
  for (const tool of ["gcc", "spin"]) chmodSync(join(tools, tool), 0o755);
  return { temporary, tools };
}

/** The programs at work in these folders. */
function pidsIn(temporary: string): readonly number[] {
  const files = readdirSync(temporary).map((folder) => join(temporary, folder, "pan.c"));
  return files.filter(existsSync).map((file) => Number(readFileSync(join(file, "..", "pid"), "utf8")));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("a run of the model", () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`that ends by ${signal} leaves neither folders nor programs behind`, async (t) => {
      const { temporary, tools } = placesFor(t);
      const child = spawn(process.execPath, [RUN, "--quick"], { stdio: "ignore", env: { ...process.env, TMPDIR: temporary, PATH: `${tools}:${process.env["PATH"]}` } });
      t.after(() => child.kill("SIGKILL"));
      const ended = once(child, "exit");
      await eventually("two searches are being made", () => pidsIn(temporary).length === 2);
      const pids = pidsIn(temporary);
      child.kill(signal);
      assert.deepEqual(await ended, [130, null]);
      assert.deepEqual(readdirSync(temporary), []);
      await eventually("no program is left", () => !pids.some(isAlive));
    });
  }
});
