import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { describe, it } from "node:test";
import { at, schemaOf } from "./crd-schema.ts";
import { complaints } from "./schema-complaints.ts";

type JsonObject = { readonly [key: string]: unknown };

const FOLDER = new URL("../../support/samples/", import.meta.url);

describe("objects that the other product left on a server", () => {
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".json"))) {
    it(`${file} loses nothing and breaks no rule under our CRD`, () => {
      const { kind, spec, status } = JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as JsonObject & { readonly kind: string };
      const root = schemaOf(kind);
      assert.deepEqual(complaints(at(root, "spec")?.schema ?? {}, spec, "spec"), []);
      assert.deepEqual(complaints(at(root, "status")?.schema ?? {}, status, "status"), []);
    });
  }

  it("an unknown field, a wrong type, a missing field and a wrong word are noticed", () => {
    const schema = at(schemaOf("RemediationRequest"), "spec.targetResource")?.schema ?? {};
    assert.deepEqual(complaints(schema, { kind: 1, namespace: "shop", colour: "red" }, "t"), ["t.name: missing", "t.kind: no string", "t.colour: unknown"]);
    const phase = at(schemaOf("RemediationRequest"), "status.overallPhase")?.schema ?? {};
    assert.equal(complaints(phase, "Done", "p").length, 1);
  });
});
