import type { Lease } from "../../src/api/lease.ts";
import type { KubeObject } from "../../src/api/object.ts";
import type { LedgerEntry } from "../../src/apiserver/node/ledger.ts";
import { lockKey } from "../../src/api/target.ts";
import type { ObjectChange } from "../../src/apiserver/server.ts";
import { LEASE_PREFIX } from "../../src/locking/lease-name.ts";
import type { Violation } from "./judge.ts";
import type { Touched } from "./touched.ts";

/** E: a target's Lease that is there changes its holder only when nobody holds it any more. `nowMs` is the time that is so, since the epoch. */
export function takenTooEarly({ type, object, previous }: ObjectChange, nowMs: number): Violation | undefined {
  // The store hands out what it keeps; each kind has its own type.
  const after = object as unknown as KubeObject;
  if (type !== "MODIFIED" || after.kind !== "Lease" || !after.metadata.name.startsWith(LEASE_PREFIX)) return undefined;
  const was = (previous as unknown as Lease | undefined)?.spec;
  const holder = was?.holderIdentity ?? "";
  const next = (after as Lease).spec?.holderIdentity ?? "";
  if (holder === "" || holder === next) return undefined;
  if (holder.startsWith("rr/")) return { invariant: "E", what: `${after.metadata.name} went from ${holder} to ${next}: a claim does not expire` };
  const untilMs = Date.parse(was?.renewTime ?? "") + (was?.leaseDurationSeconds ?? Number.NaN) * 1000;
  return untilMs <= nowMs ? undefined : { invariant: "E", what: `${after.metadata.name} was taken over by ${next} while ${holder} still held it` };
}

export interface FencesDeps {
  readonly broken: (violation: Violation) => void;
  /** A claim that was lost on a target may be followed by a later one there, and run after it. */
  readonly touched: Pick<Touched, "target">;
}

/** Fences of what runs on each target, in the order in which it began: each is greater than the one before. */
export class Fences {
  readonly #deps: FencesDeps;
  readonly #last = new Map<string, { readonly fence: number; readonly jobUid: string | undefined }>();
  #judged = 0;

  constructor(deps: FencesDeps) {
    this.#deps = deps;
  }

  /** Each run is judged once, as it begins; pods of one Job share their fence. */
  onRuns(ledger: readonly LedgerEntry[]): void {
    for (const run of ledger.slice(this.#judged)) {
      this.#judged++;
      this.#judge(run);
    }
  }

  #judge({ podName, jobUid, env }: LedgerEntry): void {
    const target = lockKey(env["RO_CLUSTER_ID"], env["RO_TARGET"] ?? "");
    const [fence, before] = [Number(env["RO_FENCE"]), this.#last.get(target)];
    if (before?.jobUid === jobUid && before?.fence === fence) return;
    this.#last.set(target, { fence, jobUid });
    if (fence > (before?.fence ?? 0) || this.#deps.touched.target(target)) return;
    this.#deps.broken({ invariant: "E", what: `${podName} runs on ${target} with fence ${fence} after one with fence ${before?.fence ?? 0}` });
  }
}
