import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { operationsHandler } from "../../../src/http/operations.ts";
import { createInstruments } from "../../../src/metrics/instruments.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const PREFIX = "kubernaut_remediationorchestrator";

/** Names with their labels, as `name{label,label}`. */
function documented(): readonly string[] {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const section = readme.slice(readme.indexOf("## Metrics"), readme.indexOf("## Troubleshooting"));
  const rows = section.split("\n").filter((line) => line.startsWith("| `"));
  return rows.flatMap((row) => [...(row.split(" | ", 1)[0] ?? "").matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name.replace("...", PREFIX)));
}

function registered(): readonly string[] {
  return createInstruments().registry.getMetricsAsArray().map((metric) => {
    const { name, labelNames = [] } = metric as unknown as { readonly name: string; readonly labelNames?: readonly string[] }; // The types leave the labels out.
    return labelNames.length > 0 ? `${name}{${labelNames.join(",")}}` : name;
  });
}

describe("the metrics", () => {
  it("are those that the README lists, with these labels", () => assert.deepEqual([...documented()].sort(), [...registered()].sort()));

  it("are all on /metrics", async () => {
    const { registry } = createInstruments();
    const answer = await operationsHandler({ registry, readiness: [] })(new Request("http://x/metrics"));
    const shown = [...(await answer.text()).matchAll(/^# TYPE (\S+) /gm)].map(([, name = ""]) => name);
    assert.deepEqual(new Set(shown), new Set(registered().map((name) => name.replace(/\{.*/, ""))));
  });

  it("are all set somewhere", () => {
    const { registry: _registry, ...instruments } = createInstruments();
    const sources = globSync("src/**/*.ts", { cwd: ROOT }).filter((file) => !file.endsWith("instruments.ts")).map((file) => readFileSync(join(ROOT, file), "utf8")).join("\n");
    const idle = Object.keys(instruments).filter((name) => !new RegExp(`\\b${name}\\s*\\.(inc|set|observe)\\(`).test(sources));
    assert.deepEqual(idle, []);
  });
});
