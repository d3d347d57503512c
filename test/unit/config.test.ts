import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { ConfigError, loadConfig, WORKERS, type Config, type Flags } from "../../src/config.ts";
import { defaultSettings } from "../../src/remediation/settings.ts";

const folder = mkdtempSync(join(tmpdir(), "config-"));
after(() => rmSync(folder, { recursive: true }));

const PATH = join(folder, "ro.yaml");

interface Sources {
  readonly flags?: Flags;
  readonly env?: Readonly<Record<string, string>>;
  /** The text of a configuration file. */
  readonly file?: string;
}

function load({ flags = {}, env = {}, file }: Sources): Config {
  if (file !== undefined) writeFileSync(PATH, file);
  return loadConfig({ ...flags, ...(file === undefined ? {} : { config: PATH }) }, env, () => "made-up");
}

/** The lines of the error; the file's path is written `ro.yaml`. */
function mistakes(sources: Sources): readonly string[] {
  try {
    load(sources);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.replaceAll(PATH, "ro.yaml").split("\n");
    throw error;
  }
  return [];
}

/** The one mistake there is. */
function mistake(sources: Sources): string {
  const all = mistakes(sources);
  assert.equal(all.length, 1, all.join("\n") || "nothing was found wrong");
  return all[0] ?? "";
}

describe("the configuration, by its sources", () => {
  it("has a default for everything", () => {
    assert.deepEqual(load({}), {
      namespace: "kubernaut-system",
      identity: "made-up",
      workers: WORKERS,
      httpPort: 8080,
      logLevel: "info",
      remediation: defaultSettings,
      verificationPatienceMs: 300_000,
      kubeconfig: undefined,
    });
  });

  it("is taken from the file, every key of it", () => {
    const file = `
namespace: from-file
identity: file-0
workers: [execution, analysis]
http: { port: 0 }
log: { level: debug }
timeouts: { processing: 1m, analyzing: 2m, executing: 3m, verifying: 4m }
contentionRetry: 200ms
safetyPoll: 10s
stabilizationWindow: 5s
verificationPatience: 6s
retention: 1h
dryRun: true
notifyCompletion: true
`;
    assert.deepEqual(load({ file }), {
      namespace: "from-file",
      identity: "file-0",
      workers: ["execution", "analysis"],
      httpPort: 0,
      logLevel: "debug",
      remediation: {
        timeoutsMs: { processing: 60_000, analyzing: 120_000, executing: 180_000, verifying: 240_000 },
        contentionRetryMs: 200,
        safetyPollMs: 10_000,
        stabilizationWindowMs: 5000,
        retentionMs: 3_600_000,
        dryRun: true,
        notifyCompletion: true,
        ourExecutor: true,
      },
      verificationPatienceMs: 6000,
      kubeconfig: undefined,
    });
  });

  const file = "namespace: from-file\nidentity: file-0\nworkers: none\nhttp: { port: 1 }\nlog: { level: error }\n";
  const env = { POD_NAMESPACE: "from-env", POD_NAME: "env-0", KUBECONFIG: "/env/config" };

  it("takes the environment over the file: one file does not give all replicas one identity", () => {
    const { namespace, identity, kubeconfig } = load({ env, file });
    assert.deepEqual({ namespace, identity, kubeconfig }, { namespace: "from-env", identity: "env-0", kubeconfig: "/env/config" });
  });

  it("takes flags over both", () => {
    const flags: Flags = { namespace: "from-flag", identity: "flag-0", workers: "analysis, execution", httpPort: "2", logLevel: "warn", kubeconfig: "/flag/config" };
    const { namespace, identity, workers, httpPort, logLevel, kubeconfig } = load({ flags, env, file });
    assert.deepEqual({ namespace, identity, workers, httpPort, logLevel, kubeconfig }, { namespace: "from-flag", identity: "flag-0", workers: ["analysis", "execution"], httpPort: 2, logLevel: "warn", kubeconfig: "/flag/config" });
  });

  it("takes an empty variable for one that is not there", () => {
    const empty = { POD_NAMESPACE: "", POD_NAME: "", KUBECONFIG: "" };
    const { namespace, identity, kubeconfig } = load({ env: empty, file });
    assert.deepEqual({ namespace, identity, kubeconfig }, { namespace: "from-file", identity: "file-0", kubeconfig: undefined });
    assert.equal(load({ env: empty }).identity, "made-up");
  });

  it("takes an empty file for one that says nothing", () => {
    assert.equal(load({ file: "" }).namespace, "kubernaut-system");
    assert.equal(load({ file: "# nothing yet\n" }).namespace, "kubernaut-system");
  });

  it("knows all workers, none, and each once", () => {
    assert.deepEqual(load({ file: "workers: all" }).workers, WORKERS);
    assert.deepEqual(load({ flags: { workers: "none" } }).workers, []);
    assert.equal(load({ flags: { workers: "none" } }).remediation.ourExecutor, false);
    assert.deepEqual(load({ file: "workers: [analysis, analysis]" }).workers, ["analysis"]);
  });

  it("can not be changed any more", () => {
    const config = load({});
    for (const part of [config, config.workers, config.remediation, config.remediation.timeoutsMs]) assert.ok(Object.isFrozen(part));
  });
});

describe("a mistake in the configuration", () => {
  const NAMESPACE = 'must be the name of a namespace: 1 to 63 lowercase letters, digits and "-", no "-" at either end';
  const IDENTITY = "must be 1 to 253 characters without spaces";
  const WORKER_LIST = "must be all, none or a list of signal-processing, analysis, execution, verification, notification";
  const PORT = "must be a whole number from 0 to 65535";
  const LEVEL = "must be one of debug, info, warn, error";
  const span = (least: string, most: string): string => `must be a duration from ${least} to ${most}, such as "500ms", "30s" or "1h30m"`;

  const inFile: readonly (readonly [yaml: string, path: string, rule: string, seen: string])[] = [
    ['namespace: ""', "namespace", NAMESPACE, '""'],
    ["namespace: Shop", "namespace", NAMESPACE, '"Shop"'],
    ["namespace: 7", "namespace", NAMESPACE, "7"],
    ['identity: ""', "identity", IDENTITY, '""'],
    ["identity: a b", "identity", IDENTITY, '"a b"'],
    ["workers: [execution, foo]", "workers", WORKER_LIST, '["execution","foo"]'],
    ["workers: some", "workers", WORKER_LIST, '"some"'],
    ["http: 8080", "http", "must be a map of port", "8080"],
    ["http: { port: 65536 }", "http.port", PORT, "65536"],
    ["http: { port: -1 }", "http.port", PORT, "-1"],
    ["http: { port: 1.5 }", "http.port", PORT, "1.5"],
    ['http: { port: "80" }', "http.port", PORT, '"80"'],
    ["http: { prot: 80 }", "http.prot", "is no key here: there are port", "80"],
    ["log: { level: loud }", "log.level", LEVEL, '"loud"'],
    ["timeouts: 5m", "timeouts", "must be a map of processing, analyzing, executing, verifying", '"5m"'],
    ["timeouts: { awaiting: 5m }", "timeouts.awaiting", "is no key here: there are processing, analyzing, executing, verifying", '"5m"'],
    ...["processing", "analyzing", "executing", "verifying"].flatMap((phase) =>
      ["0s", "-5m", "999ms", "8761h", "5"].map((text) => [`timeouts: { ${phase}: "${text}" }`, `timeouts.${phase}`, span("1s", "8760h"), `"${text}"`] as const),
    ),
    ["contentionRetry: 0ms", "contentionRetry", span("10ms", "1m"), '"0ms"'],
    ["contentionRetry: 2m", "contentionRetry", span("10ms", "1m"), '"2m"'],
    ["safetyPoll: 0s", "safetyPoll", span("1s", "1h"), '"0s"'],
    ["safetyPoll: 2h", "safetyPoll", span("1s", "1h"), '"2h"'],
    ["safetyPoll: 30", "safetyPoll", span("1s", "1h"), "30"],
    ["stabilizationWindow: -1s", "stabilizationWindow", span("0s", "24h"), '"-1s"'],
    ["verificationPatience: 0s", "verificationPatience", span("1s", "24h"), '"0s"'],
    ["retention: -1s", "retention", span("0s", "8760h"), '"-1s"'],
    ["retention: soon", "retention", span("0s", "8760h"), '"soon"'],
    ['dryRun: "yes"', "dryRun", "must be true or false", '"yes"'],
    ["notifyCompletion: 1", "notifyCompletion", "must be true or false", "1"],
    ["- 1", "(the whole file)", "must be a map of namespace, identity, workers, http, log, timeouts, contentionRetry, safetyPoll, stabilizationWindow, verificationPatience, retention, dryRun, notifyCompletion", "[1]"],
  ];
  for (const [yaml, path, rule, seen] of inFile) {
    it(`in the file is told with its path, its rule and what was seen: ${yaml}`, () => assert.equal(mistake({ file: yaml }), `ro.yaml: ${path}: ${rule} (seen: ${seen})`));
  }

  it("may be no span of zero where zero has a meaning", () => assert.deepEqual(mistakes({ file: "stabilizationWindow: 0s\nretention: 0s" }), []));

  it("is a window after which no effect would be judged any more", () => {
    assert.match(mistake({ file: "stabilizationWindow: 30m" }), /^stabilizationWindow: must be shorter than timeouts\.verifying.*\(seen: 30m0s and 30m0s\)$/);
    assert.deepEqual(mistakes({ file: "stabilizationWindow: 30m\ntimeouts: { verifying: 1h }" }), []);
  });

  const inFlags: readonly (readonly [Flags, string])[] = [
    [{ namespace: "" }, `--namespace: ${NAMESPACE} (seen: "")`],
    [{ namespace: "-a" }, `--namespace: ${NAMESPACE} (seen: "-a")`],
    [{ namespace: "a".repeat(64) }, `--namespace: ${NAMESPACE} (seen: "${"a".repeat(64)}")`],
    [{ identity: "" }, `--identity: ${IDENTITY} (seen: "")`],
    [{ identity: "a".repeat(254) }, `--identity: ${IDENTITY} (seen: "${"a".repeat(254)}")`],
    [{ workers: "" }, `--workers: ${WORKER_LIST} (seen: "")`],
    [{ workers: "execution,foo" }, `--workers: ${WORKER_LIST} (seen: "execution,foo")`],
    [{ httpPort: "" }, `--http-port: ${PORT} (seen: "")`],
    [{ httpPort: "8080x" }, `--http-port: ${PORT} (seen: "8080x")`],
    [{ httpPort: "65536" }, `--http-port: ${PORT} (seen: "65536")`],
    [{ logLevel: "" }, `--log-level: ${LEVEL} (seen: "")`],
    [{ logLevel: "loud" }, `--log-level: ${LEVEL} (seen: "loud")`],
    [{ kubeconfig: "" }, '--kubeconfig: must be the path of a file (seen: "")'],
    [{ config: "" }, '--config: must be the path of a file (seen: "")'],
  ];
  for (const [flags, message] of inFlags) it(`in a flag is told as in the file: ${message}`, () => assert.equal(mistake({ flags }), message));

  it("in the environment is told as in the file", () => {
    assert.equal(mistake({ env: { POD_NAMESPACE: "Shop" } }), `POD_NAMESPACE: ${NAMESPACE} (seen: "Shop")`);
    assert.equal(mistake({ env: { POD_NAME: "a b" } }), `POD_NAME: ${IDENTITY} (seen: "a b")`);
  });

  it("is told although something else overrides it, and all of them at once", () => {
    const all = mistakes({ flags: { namespace: "shop", httpPort: "x" }, env: { POD_NAMESPACE: "Shop" }, file: "safetyPoll: 0s\nlog: { level: loud }\nfoo: 1" });
    assert.deepEqual(all.map((line) => line.split(": ").slice(0, line.startsWith("ro.yaml") ? 2 : 1).join(": ")).toSorted(), ["--http-port", "POD_NAMESPACE", "ro.yaml: foo", "ro.yaml: log.level", "ro.yaml: safetyPoll"]);
  });

  it("is a file that is not there, is no YAML, or is several documents", () => {
    assert.match(mistake({ flags: { config: join(folder, "none.yaml") } }), /none\.yaml: can not be read: ENOENT/);
    assert.match(mistake({ file: "a: 1\nb: [\n" }), /^ro\.yaml: is no YAML: .+ in line \d$/);
    assert.match(mistake({ file: "dryRun: true\n---\ndryRun: false\n" }), /^ro\.yaml: must be one YAML document \(seen: 2\)$/);
  });
});
