import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { loadAll } from "js-yaml";
import { roEnds } from "../../support/ro-process.ts";

const folder = mkdtempSync(join(tmpdir(), "commands-"));
after(() => rmSync(folder, { recursive: true }));

const COMMANDS = ["run", "dev", "demo", "apiserver", "crds"] as const;

describe("the commands", () => {
  it("each have a help with examples, and so has the whole", async () => {
    const helps = await Promise.all([[], ...COMMANDS.map((name) => [name])].map((args) => roEnds([...args, "--help"])));
    for (const { code, stdout, stderr } of helps) {
      assert.equal(code, 0, stderr);
      assert.match(stdout, /\nExamples:\n {2}\$ (?:KUBECONFIG=\S+ )?(?:ro|kubectl) /);
    }
    for (const { stdout } of [helps[0], helps[1], helps[3]].filter((help) => help !== undefined)) assert.match(stdout, /Exit codes: 0 /);
  });

  const wrong: readonly (readonly string[])[] = [["bogus"], ["run", "--bogus"], ["run", "extra"], ["dev", "--bogus"], ["demo", "extra"], ["crds", "extra"], ["apiserver", "--node", "foo"], ["apiserver", "--port", "x"], ["dev", "--port", "70000"]];
  for (const args of wrong) {
    it(`end with 2 and a sentence when they are called wrongly: ro ${args.join(" ")}`, async () => {
      const { code, stdout, stderr } = await roEnds(args);
      assert.equal(code, 2, stderr);
      assert.ok(stderr.includes(args.at(-1) ?? "") || stderr.includes("too many arguments"), stderr);
      assert.doesNotMatch(stderr, /\n\s+at /);
      assert.equal(stdout, "");
    });
  }

  it("print the CRDs, all of them, and their version", async () => {
    const { code, stdout } = await roEnds(["crds"]);
    assert.equal(code, 0);
    assert.equal(loadAll(stdout).length, 8);
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "..", "package.json"), "utf8")) as { readonly version: string };
    assert.equal((await roEnds(["--version"])).stdout.trim(), version);
  });

  it("say every mistake of a configuration, and end with 2", async () => {
    const config = join(folder, "ro.yaml");
    writeFileSync(config, "safetyPoll: 0s\nworkers: [execution, foo]\n");
    const { code, stderr } = await roEnds(["run", "--config", config, "--namespace", ""], { POD_NAME: "a b" });
    assert.equal(code, 2);
    const places = stderr.trim().split("\n").map((line) => line.replace(`${config}: `, "").split(":")[0] ?? "");
    assert.deepEqual(new Set(places), new Set(["--namespace", "POD_NAME", "safetyPoll", "workers"]));
  });

  it("say that there is no cluster to connect to, and end with 2", async () => {
    const { code, stderr } = await roEnds(["run"], { KUBECONFIG: "" });
    assert.equal(code, 2);
    assert.match(stderr, /^no cluster to connect to: give --kubeconfig, set KUBECONFIG, or run in a pod\n$/);
  });

  for (const command of ["apiserver", "dev"] as const) {
    it(`say that a kubeconfig can not be written, and end with 2: ro ${command}`, async () => {
      const file = join(folder, `a-file-${command}`);
      writeFileSync(file, "");
      const { code, stderr } = await roEnds([command, "--port", "0", "--write-kubeconfig", join(file, "config")]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /^the kubeconfig can not be written: .*(?:ENOTDIR|EEXIST).*--write-kubeconfig\n$/);
    });

    it(`say that a port is taken, and end with 2: ro ${command}`, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const { code, stderr } = await roEnds([command, "--port", String(port), "--write-kubeconfig", join(folder, "config")]);
      server.close();
      assert.equal(code, 2, stderr);
      assert.equal(stderr, `port ${port} is taken: choose another one with --port, or 0 for any that is free\n`);
    });
  }
});
