import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cancelAnnotation, CANCEL_ANNOTATION, cancellationOf } from "../../../src/api/annotations.ts";

describe("cancel requests", () => {
  const annotated = (text: string) => cancellationOf({ metadata: { annotations: { [CANCEL_ANNOTATION]: text } } });

  it("say who and why", () => {
    assert.deepEqual(annotated(cancelAnnotation({ by: "ada", why: "false alarm" })), { by: "ada", why: "false alarm" });
  });

  it("any other text is the reason, by unknown", () => {
    assert.deepEqual(annotated("false alarm"), { by: "unknown", why: "false alarm" });
    assert.deepEqual(annotated("true"), { by: "unknown", why: "true" });
    assert.deepEqual(annotated('{"by": 1}'), { by: "unknown", why: "" });
    assert.deepEqual(annotated(""), { by: "unknown", why: "" });
  });

  it("an object without the annotation is not to be cancelled", () => {
    assert.equal(cancellationOf({ metadata: {} }), undefined);
    assert.equal(cancellationOf({ metadata: { annotations: {} } }), undefined);
  });
});
