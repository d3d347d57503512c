import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { describe, it } from "node:test";
import { mutants } from "../../zoo/mutants.ts";
import { mutated } from "../../zoo/mutated.ts";
import { verdictOf } from "../../zoo/testing.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const sourceOf = (file: string): string => readFileSync(join(ROOT, file), "utf8");

// That stripping types is experimental in Node is no news here.
process.removeAllListeners("warning");

describe("the bug zoo", () => {
  it("has every bug of the protocol's table, each variant under its own name", () => {
    const ids = mutants.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    const missing = Array.from({ length: 30 }, (_, at) => `Z${at + 1}`).filter((bug) => !ids.some((id) => id.replace(/[a-z]$/, "") === bug));
    assert.deepEqual(missing, []);
  });

  for (const mutant of mutants) {
    it(`can put in ${mutant.id}: its text is where it says, and what comes of it is TypeScript`, () => {
      for (const file of new Set(mutant.edits.map((edit) => edit.file))) {
        const source = sourceOf(file);
        const changed = mutated(mutant, file, source);
        assert.notEqual(changed, source);
        stripTypeScriptTypes(changed);
      }
    });
  }

  it("is the one of the page, mutant for mutant", () => {
    const rows = [...sourceOf("docs/zoo.md").matchAll(/^\| (Z\w+) \|/gm)].map(([, id]) => id);
    assert.deepEqual(rows, mutants.map(({ id }) => id));
  });

  it("is counted on the page: what the simulation catches, and what a named test", () => {
    const bySimulation = mutants.filter(({ by }) => by === "simulation").length;
    const said = sourceOf("docs/zoo.md").replaceAll(/\s+/g, " ");
    assert.ok(said.includes(`Of ${mutants.length} mutants the simulation catches ${bySimulation}, and a named test the other ${mutants.length - bySimulation}.`));
  });

  it("names only tests that there are", () => {
    const missing = mutants.flatMap(({ id, by }) => (by === "simulation" || isThere(by.named, sourceOf(by.test)) ? [] : [`${id}: ${by.named}`]));
    assert.deepEqual(missing, []);
  });

  it("says so when the text of a mutant is not in the source, or more than once", () => {
    const mutant = { id: "Z0", edits: [{ file: "src/a.ts", find: "one", replace: "two" }] };
    assert.equal(mutated(mutant, "src/a.ts", "one()"), "two()");
    assert.equal(mutated(mutant, "src/b.ts", "one()"), "one()");
    assert.throws(() => mutated(mutant, "src/a.ts", "none()".replace("one", "")), /Z0: its text is 0 times in src\/a\.ts/);
    assert.throws(() => mutated(mutant, "src/a.ts", "one() + one()"), /2 times/);
  });

  it("counts a test as failed only when it is the very one", () => {
    const report = "TAP version 13\n# Subtest: a gate\n    ok 1 - opens\n    not ok 2 - shuts # time=1\nnot ok 1 - a gate\n";
    assert.equal(verdictOf(report, "opens"), "passed");
    assert.equal(verdictOf(report, "shuts # time=1"), "failed");
    assert.equal(verdictOf(report, "a door"), "absent");
  });
});

/** A test's name may be put together: then its last word is looked for. */
function isThere(named: string, source: string): boolean {
  return source.includes(named) || source.includes(named.split(" ").slice(1).join(" "));
}
