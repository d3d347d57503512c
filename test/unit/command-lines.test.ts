import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { positiveNumber, UsageError, wholeNumber } from "../support/command-line.ts";
import { runScript } from "../support/script.ts";

/** Neither Spin nor a control plane is there: a command that starts its work instead of reading its flags fails at once. */
const NO_TOOLS = { PATH: "", KUBEBUILDER_ASSETS: "/nowhere" };

const COMMANDS: Readonly<Record<string, string>> = {
  "npm run simulate": "test/simulation/simulate.ts",
  "npm run zoo": "test/zoo/zoo.ts",
  "npm run model": "test/model/run.ts",
  "npm run test:control-plane": "test/control-plane/run.ts",
  "npm run test:e2e": "test/e2e/run.ts",
  "npm run bench": "bench/run.ts",
};

const SENSELESS: readonly (readonly [script: string, args: readonly string[], message: RegExp])[] = [
  ["test/simulation/simulate.ts", ["--runs", "0"], /^--runs: must be a whole number, 1 or more \(seen: "0"\)/],
  ["test/simulation/simulate.ts", ["--cores", "0"], /^--cores: must be a whole number, 1 or more \(seen: "0"\)/],
  ["test/zoo/zoo.ts", ["--seconds", "0"], /^--seconds: must be a number greater than 0 \(seen: "0"\)/],
  ["test/zoo/zoo.ts", ["--at-once", "0"], /^--at-once: must be a whole number, 1 or more \(seen: "0"\)/],
  ["test/zoo/zoo.ts", ["--only", "Z0"], /^--only: no mutant is called Z0/],
  ["test/model/run.ts", ["quick"], /^Unexpected argument 'quick'/],
  ["test/control-plane/run.ts", ["test/nothing.test.ts"], /^test\/nothing\.test\.ts: there is no such file/],
  ["test/e2e/run.ts", ["--launches", "0"], /^--launches: must be a whole number, 1 or more \(seen: "0"\)/],
  ["test/e2e/run.ts", ["--seed", "now"], /^--seed: must be a whole number, 0 or more \(seen: "now"\)/],
  ["test/e2e/run.ts", ["--only", "flood"], /^--only: no story's name contains "flood"/],
  ["bench/run.ts", ["--only", "flood"], /^--only: no bench is called flood/],
  ["bench/run.ts", ["--server", "cloud"], /^--server: must be embedded, real or both \(seen: "cloud"\)/],
];

describe("the command line", { concurrency: 2 }, () => {
  for (const [command, script] of Object.entries(COMMANDS)) {
    it(`of ${command} says with --help what there is, and starts nothing`, async () => {
      const { code, stdout, stderr } = await runScript([script, "--help"], NO_TOOLS);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      assert.match(stdout, new RegExp(`^  ${command} .*Exit codes: `, "ms"));
    });

    it(`of ${command} makes no sense with a flag that there is not`, async () => {
      const { code, stdout, stderr } = await runScript([script, "--quickly"], NO_TOOLS);
      assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
      assert.match(stderr, /^Unknown option '--quickly'.*--help shows what there is/s);
    });
  }

  for (const [script, args, message] of SENSELESS) {
    it(`${script} ${args.join(" ")} makes no sense`, async () => {
      const { code, stdout, stderr } = await runScript([script, ...args], NO_TOOLS);
      assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
      assert.match(stderr, message);
    });
  }

  it("has numbers that are none, or too small, refused with the flag, the rule and what was seen", () => {
    for (const text of ["", " ", "x", "1.5", "-1", "Infinity"]) assert.throws(() => wholeNumber("--seed", text), new UsageError(`--seed: must be a whole number, 0 or more (seen: "${text}")`));
    for (const text of ["", "x", "0", "-1", "Infinity"]) assert.throws(() => positiveNumber("--minutes", text), new UsageError(`--minutes: must be a number greater than 0 (seen: "${text}")`));
    assert.deepEqual([wholeNumber("--seed", "0"), wholeNumber("--runs", "1", 1), positiveNumber("--minutes", "0.5")], [0, 1, 0.5]);
  });
});
