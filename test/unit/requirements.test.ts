import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const ROOT = join(import.meta.dirname, "..", "..");
/** A file in backticks, followed by the names of tests in it. */
const CLAIM = /`(test\/[^`]+\.ts)`: ((?:"[^"]+"(?:; )?)+)/g;

test("every test that the requirements name exists where they say", () => {
  const text = readFileSync(join(ROOT, "docs", "requirements.md"), "utf8");
  const claims = [...text.matchAll(CLAIM)].flatMap(([, file = "", names = ""]) => [...names.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => ({ file, name })));
  assert.ok(claims.length > 20, `only ${claims.length} tests are named`);
  const missing = claims.filter(({ file, name }) => !readFileSync(join(ROOT, file), "utf8").includes(name));
  assert.deepEqual(missing, []);
});
