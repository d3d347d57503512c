import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { WORKERS, type WorkerName } from "../../../src/config.ts";
import { clusterRights, neededRights, rightName, type Right } from "../../../src/needed-rights.ts";
import { granted, shipped } from "../../support/shipped-rights.ts";

const LISTS = { Role: neededRights, ClusterRole: clusterRights } as const;
type Manifest = keyof typeof LISTS;

interface Line {
  readonly right: string;
  readonly grantedBy: string;
  readonly neededBy: string;
}

/** The table of docs/rights.md, a line for each verb. */
function page(): readonly Line[] {
  const rows = readFileSync(new URL("../../../docs/rights.md", import.meta.url), "utf8").split("\n").filter((line) => /^\| [a-z]/.test(line) && !line.startsWith("| resource"));
  return rows.flatMap((row) => {
    const [resource = "", verbs = "", grantedBy = "", neededBy = ""] = row.split("|").slice(1, -1).map((cell) => cell.trim());
    return verbs.split(", ").map((verb) => ({ right: `${verb} ${resource}`, grantedBy, neededBy }));
  });
}

function whoNeeds(right: string, listOf: (workers: readonly WorkerName[]) => readonly Right[]): string {
  const needs = (workers: readonly WorkerName[]): boolean => listOf(workers).some((needed) => rightName(needed) === right);
  return needs([]) ? "every replica" : WORKERS.filter((worker) => needs([worker])).join(", ");
}

describe("the page on rights", () => {
  for (const kind of ["Role", "ClusterRole"] as const satisfies readonly Manifest[]) {
    it(`has every right that the ${kind} grants, once, and no other`, () => {
      const told = page().filter(({ grantedBy }) => grantedBy === kind).map(({ right }) => right);
      assert.deepEqual(told.toSorted(), granted(shipped(kind).rules).toSorted());
    });

    it(`says who needs each right of the ${kind}`, () => {
      for (const { right, neededBy } of page().filter(({ grantedBy }) => grantedBy === kind)) assert.equal(neededBy, whoNeeds(right, LISTS[kind]), right);
    });
  }

  it("names no other manifest", () => {
    assert.deepEqual([...new Set(page().map(({ grantedBy }) => grantedBy))], ["Role", "ClusterRole"]);
  });
});
