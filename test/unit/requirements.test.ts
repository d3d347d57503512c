import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { namingOf } from "../support/named-tests.ts";

const ROOT = join(import.meta.dirname, "..", "..");
/** A file in backticks, followed by the names of tests in it. */
const CLAIM = /`(test\/[^`]+\.ts)`: ((?:"[^"]+"(?:; )?)+)/g;

test("every test that the requirements name exists in full where they say, and is not skipped", () => {
  const text = readFileSync(join(ROOT, "docs", "requirements.md"), "utf8");
  const claims = [...text.matchAll(CLAIM)].flatMap(([, file = "", names = ""]) => [...names.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => ({ file, name })));
  assert.ok(claims.length > 30, `only ${claims.length} tests are named`);
  const unproved = claims.map((claim) => ({ ...claim, is: namingOf(readFileSync(join(ROOT, claim.file), "utf8"), claim.name) })).filter(({ is }) => is !== "proved");
  assert.deepEqual(unproved, []);
});

test("a fragment, a comment, another call or a skipped test proves nothing", () => {
  const source = [
    'it("a whole name", () => undefined);',
    '// it("only a comment", () => undefined);',
    '/*\nit("only a comment too", () => undefined);\n*/',
    'console.log("only printed");',
    'it.skip("skipped", () => undefined);',
    'it("skipped by its options", { skip: "why" }, () => undefined);',
    'story("told", async () => undefined);',
  ].join("\n");
  const names = ["a whole name", "a whole", "only a comment", "only a comment too", "only printed", "skipped", "skipped by its options", "told"];
  assert.deepEqual(names.map((name) => namingOf(source, name)), ["proved", "missing", "missing", "missing", "missing", "skipped", "skipped", "proved"]);
});
