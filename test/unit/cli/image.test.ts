import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { load } from "js-yaml";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const dockerfile = readFileSync(join(ROOT, "Dockerfile"), "utf8");
const last = dockerfile.slice(dockerfile.lastIndexOf("FROM "));

interface Deployment {
  readonly spec: { readonly template: { readonly spec: { readonly securityContext: { readonly runAsUser: number; readonly runAsGroup: number }; readonly containers: readonly [{ readonly command?: unknown; readonly args: readonly string[] }] } } };
}

describe("the image", () => {
  // The manifest is ours.
  const { securityContext, containers } = (load(readFileSync(join(ROOT, "deploy", "deployment.yaml"), "utf8")) as Deployment).spec.template.spec;

  it("is what the Deployment runs: its entry point is `ro`, and the Deployment says only which command", () => {
    const { bin } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { readonly bin: { readonly ro: string } };
    assert.equal(/^ENTRYPOINT (.*)$/m.exec(last)?.[1], JSON.stringify(["node", bin.ro.replace("./", "")]).replace(",", ", "));
    assert.equal(containers[0].command, undefined);
    assert.deepEqual(containers[0].args, ["run"]);
  });

  it("runs as the Deployment's user, who is not root", () => {
    assert.equal(/^USER (.*)$/m.exec(last)?.[1], `${securityContext.runAsUser}:${securityContext.runAsGroup}`);
    assert.notEqual(securityContext.runAsUser, 0);
  });

  it("copies only what is there, and what is not left out of its context", () => {
    const context = readFileSync(join(ROOT, ".dockerignore"), "utf8").split("\n");
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = ""]) => names.split(" "));
    assert.ok(copied.length > 5);
    for (const name of copied) {
      assert.ok(existsSync(join(ROOT, name)), name);
      assert.ok(context.includes(`!${name}`), name);
    }
  });

  it("brings Node in the version that the repository has", () => {
    const { devDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { readonly devDependencies: { readonly node: string } };
    const major = /\d+/.exec(devDependencies.node)?.[0];
    assert.deepEqual([...dockerfile.matchAll(/^FROM node:(\d+)-slim/gm)].map(([, version]) => version), [major, major]);
  });
});
