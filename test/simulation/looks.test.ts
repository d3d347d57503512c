import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Looks } from "./looks.ts";

describe("looks at keys", () => {
  it("are endless when a thousand and one follow each other within one step of time", () => {
    const looks = new Looks();
    for (let count = 1; count <= 1000; count++) assert.equal(looks.areEndless(7), false);
    assert.equal(looks.areEndless(7), true);
    assert.equal(looks.areEndless(7), true);
    assert.equal(looks.areEndless(8), false);
  });

  it("are not, however many there are, as long as time goes on", () => {
    const looks = new Looks();
    for (let count = 1; count <= 5000; count++) assert.equal(looks.areEndless(Math.floor(count / 1000)), false);
  });
});
