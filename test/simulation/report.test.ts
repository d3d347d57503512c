import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { describe, it } from "node:test";
import { runProgram } from "../support/script.ts";
import type { Plan } from "./plan.ts";
import { planOf } from "./plan-of.ts";
import { replayCommand } from "./replay-command.ts";
import { reportOf, textOf } from "./report.ts";
import { run } from "./run.ts";

const PLAN: Plan = {
  seed: 7,
  replicas: [
    { requestMs: 1, answerMs: 1, lagMs: 1, slowWatch: undefined },
    { requestMs: 1, answerMs: 1, lagMs: 1, slowWatch: { kind: "leases", lagMs: 1234.5 } },
  ],
  membership: "hidden",
  targets: 1,
  workflows: [{ runMs: 100, exitCode: 0, stopMs: 0 }],
  requests: [{ name: "rr-0", target: 0, workflow: 0, atMs: 0, from: "new" }],
  faults: [{ name: "crash-late", step: 4, nth: 2, forMs: 99.6, choice: 0 }],
  faultsEndMs: 60_000,
};

const STORY = { seed: 7, plan: PLAN, violation: { invariant: "I1", what: "two of them run" }, trace: ["one", "two"], renewals: 12, again: "do it again" } as const;

describe("the report on a broken promise", () => {
  it("has the seed, the promise, the schedule, the trace, what is left out of it, and the command that plays it again", () => {
    assert.deepEqual(textOf(STORY).split("\n"), [
      "seed 7: I1 is broken: two of them run",
      "",
      "the smallest schedule that breaks it: 2 replica(s), 1 alert(s) on 1 target(s)",
      "  crash-late when a replica comes to step 4 for the 2. time, 100 ms",
      "  what replicas are told of each other is hidden",
      "  replica-1: its watch of leases is up to 1235 ms late",
      "",
      "what happened (12 lines left out: renewals of membership Leases):",
      "one",
      "two",
      "",
      "again: do it again",
    ]);
  });

  it("says what stops workflows that would run for hours", () => {
    const text = textOf({ ...STORY, plan: { ...PLAN, stop: { by: "owner-lost", afterMs: 12.3, choice: 0 } } });
    assert.match(text, /^ {2}workflows would run for hours, and each is stopped after 12 ms: owner-lost$/m);
  });

  it("says nothing of lines left out where none is", () => {
    assert.match(textOf({ ...STORY, renewals: 0 }), /^what happened:$/m);
  });

  it("is not made of a seed that breaks nothing", async () => {
    assert.equal(await reportOf(3, "again"), undefined);
  });

  it("is what the example of docs/zoo.md prints; the command in it is the very one that was typed", async () => {
    const command = exampleOf(readFileSync(join(import.meta.dirname, "..", "..", "docs", "zoo.md"), "utf8"));
    const { code, stdout, stderr } = await runProgram("sh", ["-c", command], { PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"]}`, ZOO_MUTANT: undefined });
    assert.equal(code, 1, `${command} breaks no promise any more, another seed has to be found:\n${stdout}${stderr}`);
    assert.match(stdout, new RegExp(`^seed ${command.split(" ").at(-1)}: L1 is broken: `));
    assert.match(stdout, /^the smallest schedule that breaks it: .*\n( {2}.*\n)+\nwhat happened \(\d+ lines left out: renewals of membership Leases\):\n +\d+\.\d ms {2}/m);
    assert.match(stdout, /ADDED Lease ro-member-/);
    assert.doesNotMatch(stdout, /MODIFIED Lease ro-member-/);
    assert.equal(stdout.trimEnd().split("\n").at(-1), `again: ${command}`);
  });
});

/** The command by which the zoo's page shows one seed under a mutant. */
function exampleOf(page: string): string {
  const [command] = /^ZOO_MUTANT=\S+ node .* --replay \d+$/m.exec(page) ?? [];
  assert.ok(command, "the page has an example");
  return command;
}

describe("a line of a trace", () => {
  it("is a renewal when a membership Lease was there and still is, and is told all the same", async () => {
    const lines: { readonly line: string; readonly isRenewal: boolean }[] = [];
    await run({ ...planOf(3), membership: "flapping" }, (line, isRenewal) => lines.push({ line, isRenewal }));
    const about = (what: string): readonly boolean[] => lines.filter(({ line }) => line.includes(` ${what} Lease ro-member-`)).map(({ isRenewal }) => isRenewal);
    for (const [what, expected] of [["MODIFIED", true], ["ADDED", false], ["DELETED", false]] as const) {
      assert.deepEqual([...new Set(about(what))], [expected], what);
    }
    const renewals = lines.filter(({ isRenewal }) => isRenewal);
    assert.equal(renewals.length, about("MODIFIED").length);
  });
});

describe("the command that plays a seed again", () => {
  const put = (execArgv: string[], mutant?: string): string => replayCommand(12, { execArgv, env: { ZOO_MUTANT: mutant } });

  it("is the simulation's where the source is as it is", () => {
    const plain = "npm run simulate -- --replay 12";
    assert.equal(put([]), plain);
    assert.equal(put(["--import", "./test/zoo/put-in.ts"]), plain);
    // A mutant that is named and not put in changes nothing.
    assert.equal(put([], "Z6"), plain);
  });

  it("puts the mutant in again that is in", () => {
    const sick = "ZOO_MUTANT=Z6 node --import ./test/zoo/put-in.ts test/simulation/simulate.ts --replay 12";
    assert.equal(put(["--import", "./test/zoo/put-in.ts"], "Z6"), sick);
    assert.equal(put(["--import=/somewhere/test/zoo/put-in.ts"], "Z6"), sick);
  });
});
