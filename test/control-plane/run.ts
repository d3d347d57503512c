import { spawn } from "node:child_process";
import { globSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { endWith, UsageError } from "../support/command-line.ts";
import { auditFindings, auditTable, complaintsAbout } from "./audit.ts";
import { startControlPlane, type ControlPlane } from "./control-plane.ts";
import { AUDITED, SHARED_ENV, shareable, USERS } from "./shared.ts";

const HELP = `Runs the suites that need a real API server, all against one control plane; ends with what the replicas asked of it.

  npm run test:control-plane               all of them
  npm run test:control-plane -- FILE...    these alone

The control plane is built from source once, which needs Go and takes minutes on a new machine; KUBEBUILDER_ASSETS names a
folder where it is already.

Exit codes: 0 all passed, 1 something failed, 2 the command line makes no sense.`;

const REPORTER = join(import.meta.dirname, "..", "support", "reporter.ts");

await endWith(main);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { help: { type: "boolean" } }, allowPositionals: true });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  for (const file of positionals) if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new UsageError(`${file}: there is no such file`);
  await using plane = await startControlPlane({ users: USERS.map((name) => ({ name })), audit: AUDITED });
  const code = await runSuites(positionals.length > 0 ? positionals : globSync(join(import.meta.dirname, "suite", "*.control-plane.test.ts")).toSorted(), plane);
  const findings = await auditFindings(plane.auditLog);
  const complaints = complaintsAbout(findings, positionals.length === 0);
  console.log([auditTable(findings), ...complaints].join("\n"));
  return code === 0 && complaints.length > 0 ? 1 : code;
}

function runSuites(files: readonly string[], plane: ControlPlane): Promise<number> {
  const args = ["--test", "--test-concurrency=2", "--test-timeout=180000", `--test-reporter=${REPORTER}`, "--test-reporter-destination=stdout", ...files];
  const child = spawn(process.execPath, args, { stdio: "inherit", env: { ...process.env, [SHARED_ENV]: JSON.stringify(shareable(plane)) } });
  return new Promise((resolve) => child.once("exit", (ended) => resolve(ended ?? 1)));
}
