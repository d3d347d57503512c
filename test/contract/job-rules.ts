import assert from "node:assert/strict";
import type { Json } from "../../src/api/object.ts";
import type { StartContractServer } from "./contract-server.ts";
import { at, type RawApi } from "./raw-api.ts";
import { suite } from "./suite.ts";

interface JobChange {
  readonly container?: object;
  readonly pod?: object;
  readonly template?: object;
  readonly spec?: object;
  readonly metadata?: object;
}

const CONTAINER = "spec.template.spec.containers[0]";
const env = (name: unknown): JobChange => ({ container: { env: [{ name, value: "x" }] } });
const resources = (given: object): JobChange => ({ container: { resources: given } });
const BIG = { a: "x".repeat(262_144) };

/** What is taken. */
const TAKEN: Readonly<Record<string, JobChange>> = {
  "a variable that begins with a digit": env("1a"),
  "a variable with a space in it": env("a b"),
  "a variable that is there twice": { container: { env: [{ name: "A", value: "x" }, { name: "A", value: "y" }] } },
  "an image of any words": { container: { image: "a b" } },
  "no service account": { pod: { serviceAccountName: "" } },
  "an annotation with a prefix in capitals": { template: { annotations: { "EXAMPLE.com/A": "x" } } },
  "a limit that is a number": resources({ limits: { cpu: 1 } }),
  "a limit with an exponent": resources({ limits: { memory: "1e3" } }),
  "an extended resource": resources({ limits: { "example.com/gpu": "1" } }),
  "no time at all": { spec: { activeDeadlineSeconds: 0 } },
};

/** What is refused as invalid, and the fields that are complained of. */
const INVALID: Readonly<Record<string, readonly [JobChange, ...fields: string[]]>> = {
  "a variable with = in its name": [env("1a=b"), `${CONTAINER}.env[0].name`],
  "a variable with a tab in its name": [env("a\tb"), `${CONTAINER}.env[0].name`],
  "a variable beyond ASCII": [env("é"), `${CONTAINER}.env[0].name`],
  "a variable with an empty name": [env(""), `${CONTAINER}.env[0].name`],
  "a variable without a name": [{ container: { env: [{ value: "x" }] } }, `${CONTAINER}.env[0].name`],
  "a variable with a value and a source": [{ container: { env: [{ name: "A", value: "x", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }] } }, `${CONTAINER}.env[0].valueFrom`],
  "an empty image": [{ container: { image: "" } }, `${CONTAINER}.image`],
  "a container without a name": [{ container: { name: "" } }, `${CONTAINER}.name`],
  "a container whose name is no label": [{ container: { name: "A_b" } }, `${CONTAINER}.name`],
  "a container whose name is too long": [{ container: { name: "a".repeat(64) } }, `${CONTAINER}.name`],
  "two containers of one name": [{ pod: { containers: [{ name: "a", image: "b" }, { name: "a", image: "b" }] } }, "spec.template.spec.containers[1].name"],
  "a pull policy that nobody knows": [{ container: { imagePullPolicy: "Sometimes" } }, `${CONTAINER}.imagePullPolicy`],
  "a message policy that nobody knows": [{ container: { terminationMessagePolicy: "X" } }, `${CONTAINER}.terminationMessagePolicy`],
  "a service account that is no name": [{ pod: { serviceAccountName: "A_b" } }, "spec.template.spec.serviceAccountName"],
  "a service account whose name is too long": [{ pod: { serviceAccountName: "a".repeat(254) } }, "spec.template.spec.serviceAccountName"],
  "an annotation of the pods with a space in its key": [{ template: { annotations: { "a b": "x" } } }, "spec.template.annotations"],
  "an annotation of the pods with two slashes in its key": [{ template: { annotations: { "a/b/c": "x" } } }, "spec.template.annotations"],
  "annotations of the pods that are too long": [{ template: { annotations: BIG } }, "spec.template.annotations"],
  "annotations of the Job that are too long": [{ metadata: { annotations: BIG } }, "metadata.annotations"],
  "an annotation of the Job with a space in its key": [{ metadata: { annotations: { "a b": "x" } } }, "metadata.annotations"],
  "a label value of the pods with a space, which the Job has too": [{ template: { labels: { a: "b c" } } }, "metadata.labels", "spec.template.labels"],
  "a label value of the pods that is too long": [{ template: { labels: { a: "b".repeat(64) } }, metadata: { labels: { own: "yes" } } }, "spec.template.labels"],
  "a label key of the pods with a prefix in capitals": [{ template: { labels: { "EXAMPLE.com/A": "x" } }, metadata: { labels: { own: "yes" } } }, "spec.template.labels"],
  "a negative limit": [resources({ limits: { cpu: "-1" } }), `${CONTAINER}.resources.limits[cpu]`],
  "a request above its limit": [resources({ limits: { cpu: "1" }, requests: { cpu: "2" } }), `${CONTAINER}.resources.requests`],
  "a resource that nobody knows": [resources({ limits: { gpu: "1" } }), `${CONTAINER}.resources.limits[gpu]`],
  "a resource that is not for containers": [resources({ limits: { storage: "1" } }), `${CONTAINER}.resources.limits[storage]`],
  "half of an extended resource": [resources({ limits: { "example.com/gpu": "0.5" } }), `${CONTAINER}.resources.limits[example.com/gpu]`],
  "an extended resource without a limit": [resources({ requests: { "example.com/gpu": "1" } }), `${CONTAINER}.resources.limits`],
  "a negative deadline": [{ spec: { activeDeadlineSeconds: -1 } }, "spec.activeDeadlineSeconds"],
  "a negative backoff limit": [{ spec: { backoffLimit: -1 } }, "spec.backoffLimit"],
};

/** What is not even decoded. */
const UNDECODABLE: Readonly<Record<string, JobChange>> = {
  "a variable's value that is a number": { container: { env: [{ name: "A", value: 1 }] } },
  "variables that are no list": { container: { env: { A: "x" } } },
  "a command that is no list": { container: { command: "sh" } },
  "arguments that are numbers": { container: { args: [1] } },
  "a limit that is no quantity": resources({ limits: { cpu: "lots" } }),
};

/** What a Job may say of its pods; nothing of it is stored. */
export function jobRulesContract(name: string, start: StartContractServer): void {
  suite(`${name}: what a Job may say`, start, (fact) => {
    for (const [what, change] of Object.entries(TAKEN)) fact(`${what} is taken`, async (api) => void (await offer(api, change)).expect(201));
    for (const [what, [change, ...fields]] of Object.entries(INVALID)) {
      fact(`${what} is refused`, async (api) => {
        const answer = (await offer(api, change)).refused(422, "Invalid");
        const causes = answer.at("details.causes") as readonly Json[]; // The wire.
        assert.deepEqual(new Set(causes.map((cause) => at(cause, "field"))), new Set(fields));
      });
    }
    for (const [what, change] of Object.entries(UNDECODABLE)) fact(`${what} is not understood`, async (api) => void (await offer(api, change)).refused(400, "BadRequest"));

    fact("a Job without labels has those of its pods", async (api) => {
      const answer = (await offer(api, { template: { labels: { of: "pods" } } })).expect(201);
      assert.equal(answer.word("metadata.labels.of"), "pods");
      assert.deepEqual(answer.at("metadata.labels"), answer.at("spec.template.metadata.labels"), "those that the server adds included");
    });
  });
}

function offer(api: RawApi, { container, pod, template, spec, metadata }: JobChange) {
  const podSpec = { restartPolicy: "Never", containers: [{ name: "workflow", image: "none", ...container }], ...pod };
  const job = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "rules", ...metadata }, spec: { suspend: true, ...spec, template: { metadata: template ?? {}, spec: podSpec } } };
  return api.post(`/apis/batch/v1/namespaces/${api.server.namespace}/jobs?dryRun=All`, job);
}
