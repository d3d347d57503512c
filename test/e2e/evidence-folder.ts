import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nameLike } from "./rounds.ts";
import type { Verdict } from "./verdict.ts";
import type { World } from "./world.ts";

/** Puts what is known of a story into a folder of its own below `root`: what is wrong, every change, the ledger, the replicas' logs. */
export function keepEvidence(root: string, world: World, verdict: Verdict): void {
  const folder = join(root, nameLike(verdict.story));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "verdict.json"), JSON.stringify(verdict, undefined, 2));
  writeFileSync(join(folder, "progress.json"), JSON.stringify(world.record.progress));
  const changes = world.record.changes.toSorted((a, b) => a.version - b.version);
  writeFileSync(join(folder, "changes.jsonl"), changes.map((change) => `${JSON.stringify(change)}\n`).join(""));
  writeFileSync(join(folder, "ledger.jsonl"), world.ledger.lines().map((line) => `${JSON.stringify(line)}\n`).join(""));
  for (const { name, logFile } of world.replicas) if (existsSync(logFile)) copyFileSync(logFile, join(folder, `${name}.log`));
}
