import assert from "node:assert/strict";
import { it } from "node:test";
import { libfaketime } from "../../e2e/faults/clock.ts";

it("clocks that can not be moved are a failure that says what to install, never a skip", () => {
  assert.throws(() => libfaketime(() => false), /apt-get install faketime/);
  assert.match(libfaketime(() => true), /libfaketime/);
});
