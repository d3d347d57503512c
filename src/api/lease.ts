import type { KubeObject } from "./object.ts";

/** RFC 3339 with exactly six fractional digits; the API server refuses any other number of them. */
export type MicroTime = string;

/** coordination.k8s.io/v1 Lease. Every field of spec is optional on the wire. */
export interface Lease extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: MicroTime;
    readonly renewTime?: MicroTime;
    readonly leaseTransitions?: number;
  };
}

/** The only formatter of MicroTime. `epochMs` may carry fractions of a millisecond. */
export function microTime(epochMs: number): MicroTime {
  const wholeMs = Math.floor(epochMs);
  const micros = Math.floor((epochMs - wholeMs) * 1000);
  return new Date(wholeMs).toISOString().replace("Z", `${String(micros).padStart(3, "0")}Z`);
}
