import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { auditFindings, auditTable, complaintsAbout } from "./audit.ts";
import { startControlPlane } from "./control-plane.ts";
import { AUDITED, SHARED_ENV, shareable, USERS } from "./shared.ts";

const REPORTER = join(import.meta.dirname, "..", "support", "reporter.ts");

// Runs the suites that need a real API server, all against one control plane: node test/control-plane/run.ts [files...]
const selected = process.argv.slice(2);
const files = selected.length > 0 ? selected : globSync(join(import.meta.dirname, "suite", "*.control-plane.test.ts")).toSorted();
await using plane = await startControlPlane({ users: USERS.map((name) => ({ name })), audit: AUDITED });
const child = spawn(process.execPath, ["--test", "--test-concurrency=2", "--test-timeout=180000", `--test-reporter=${REPORTER}`, "--test-reporter-destination=stdout", ...files], { stdio: "inherit", env: { ...process.env, [SHARED_ENV]: JSON.stringify(shareable(plane)) } });
const code = await new Promise<number>((resolve) => child.once("exit", (ended) => resolve(ended ?? 1)));
const findings = await auditFindings(plane.auditLog);
const complaints = complaintsAbout(findings, selected.length === 0);
console.log([auditTable(findings), ...complaints].join("\n"));
process.exitCode = code === 0 && complaints.length > 0 ? 1 : code;
