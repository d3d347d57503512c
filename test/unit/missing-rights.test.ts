import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kinds } from "../../src/api/kinds.ts";
import { missingRightsText } from "../../src/missing-rights.ts";
import { neededRights, type Right } from "../../src/needed-rights.ts";
import { WORKERS } from "../../src/config.ts";

describe("missing rights", () => {
  it("are a line per resource with its verbs, and at the end what to do, once", () => {
    const missing: readonly Right[] = [
      { verb: "get", kind: kinds.Lease },
      { verb: "create", kind: kinds.Event },
      { verb: "update", kind: kinds.RemediationRequest, subresource: "status" },
      { verb: "watch", kind: kinds.Lease },
    ];
    assert.deepEqual(missingRightsText(missing, "shop", "apply them"), [
      "rights are missing in namespace shop:",
      "  leases.coordination.k8s.io               get, watch",
      "  events                                   create",
      "  remediationrequests.kubernaut.ai/status  update",
      "apply them",
    ]);
  });

  it("fit on a screen even when all of them are missing", () => {
    assert.ok(missingRightsText(neededRights(WORKERS), "shop", "apply them").length <= 24);
  });

  it("are nothing when none is missing", () => assert.deepEqual(missingRightsText([], "shop", "apply them"), []));
});
