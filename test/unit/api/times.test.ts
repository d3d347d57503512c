import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { durationMs, formatDuration } from "../../../src/api/duration.ts";
import { epochMsOf, timestamp } from "../../../src/api/timestamp.ts";

const HOUR_MS = 3_600_000;

describe("durations", () => {
  for (const [text, ms] of [
    ["1h0m0s", HOUR_MS],
    ["90s", 90_000],
    ["1.5h", 1.5 * HOUR_MS],
    ["300ms", 300],
    ["1h30m", 1.5 * HOUR_MS],
    ["-2m", -120_000],
    [".5s", 500],
    ["1.s", 1000],
    ["250us", 0.25],
    ["250µs", 0.25],
    ["0", 0],
    ["0s", 0],
  ] as const) {
    it(`${text} is ${ms} ms`, () => assert.equal(durationMs(text), ms));
  }

  for (const text of ["", "5", "h", "1d", "1h 5m", "five", "1e3s", "--1s", ".s", "1h0m0", undefined]) {
    it(`${String(text)} is no duration`, () => assert.equal(durationMs(text), undefined));
  }

  for (const [ms, text] of [
    [HOUR_MS, "1h0m0s"],
    [600_000, "10m0s"],
    [90_000, "1m30s"],
    [1500, "1.5s"],
    [300, "300ms"],
    [0, "0s"],
    [0.2, "0s"],
    [-0.2, "0s"],
    [59_999.6, "1m0s"],
    [-90_000, "-1m30s"],
    [25 * HOUR_MS + 61_001, "25h1m1.001s"],
  ] as const) {
    it(`${ms} ms is written ${text}`, () => assert.equal(formatDuration(ms), text));
  }

  it("what is written is read back", () => {
    for (let ms = 0; ms < 10 * HOUR_MS; ms = ms * 2 + 7) assert.equal(durationMs(formatDuration(ms)), ms);
  });
});

it("a moment is written in UTC and read back", () => {
  assert.equal(timestamp(0), "1970-01-01T00:00:00.000Z");
  assert.equal(epochMsOf("1970-01-01T00:00:01Z"), 1000);
  assert.equal(epochMsOf("1970-01-01T01:00:00.5+01:00"), 500);
  assert.equal(epochMsOf(undefined), undefined);
  assert.equal(epochMsOf("soon"), undefined);
});
