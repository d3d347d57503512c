import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonOfProtobuf } from "../../../../src/apiserver/protobuf/protobuf-body.ts";

type Part = string | number | Buffer;

/** A field with its length, or a number. */
function field(number: number, value: Part): Buffer {
  if (typeof value === "number") return Buffer.from([number << 3, value]);
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
}

function message(...fields: readonly (readonly [number: number, value: Part])[]): Buffer {
  return Buffer.concat(fields.map(([number, value]) => field(number, value)));
}

function body(apiVersion: string, kind: string, raw: Buffer): Buffer {
  return Buffer.concat([Buffer.from("k8s\0"), message([1, message([1, apiVersion], [2, kind])], [2, raw])]);
}

const decoded = (bytes: Buffer): unknown => JSON.parse(jsonOfProtobuf(bytes) ?? "null");

test("what kubectl makes from flags is read", () => {
  const meta = message([1, "a"], [2, ""], [8, Buffer.alloc(0)], [11, message([1, "k"], [2, "v"])], [11, message([1, "l"], [2, ""])]);
  const map = message([1, meta], [2, message([1, "key"], [2, "value"])], [2, message([1, "other"], [2, "text"])], [3, message([1, "bin"], [2, Buffer.from([1, 2])])], [4, 1]);
  assert.deepEqual(decoded(body("v1", "ConfigMap", map)), {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "a", generateName: "", labels: { k: "v", l: "" } },
    data: { key: "value", other: "text" },
    binaryData: { bin: "AQI=" },
    immutable: true,
  });
});

test("lists and nested messages are read", () => {
  const container = message([1, "c"], [2, "i"], [3, "sleep"], [3, "5"]);
  const job = message([1, message([1, "j"])], [2, message([6, message([2, message([2, container], [3, "Never"])])], [7, 4])]);
  assert.deepEqual(decoded(body("batch/v1", "Job", job)), {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "j" },
    spec: { template: { spec: { containers: [{ name: "c", image: "i", command: ["sleep", "5"] }], restartPolicy: "Never" } }, backoffLimit: 4 },
  });
});

test("a field that would get lost makes the whole body unreadable, an empty one does not", () => {
  const job = (...fields: readonly (readonly [number, Part])[]) => body("batch/v1", "Job", message([2, message(...fields)]));
  assert.equal(jsonOfProtobuf(job([3, 60])), undefined);
  assert.notEqual(jsonOfProtobuf(job([3, 0])), undefined);
});

test("what is no such body is not read", () => {
  assert.equal(jsonOfProtobuf(Buffer.from("{}")), undefined);
  assert.equal(jsonOfProtobuf(Buffer.from("k8s\0")), undefined);
  assert.equal(jsonOfProtobuf(body("v1", "Nothing", Buffer.alloc(0))), undefined);
  assert.equal(jsonOfProtobuf(body("v1", "ConfigMap", Buffer.from([0x0a, 0x7f]))), undefined, "a field longer than its message");
  assert.equal(jsonOfProtobuf(body("v1", "ConfigMap", Buffer.from([0x0d, 1, 2, 3, 4]))), undefined, "a wire type of no kind here");
});
