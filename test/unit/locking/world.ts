import assert from "node:assert/strict";
import { kinds } from "../../../src/api/kinds.ts";
import type { Lease } from "../../../src/api/lease.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { silentLogger, type Logger } from "../../../src/lib/log.ts";
import { KubeError, type KubeErrorReason } from "../../../src/kube/kube-error.ts";
import type { KubeClient } from "../../../src/kube/ports.ts";
import { createClaims, createProcessLocks, keyOfTarget, leaseName } from "../../../src/locking/index.ts";
import type { LockEvent } from "../../../src/locking/metrics.ts";
import type { Claim, ClaimAnswer, ClaimHolder, Claims, LockTarget, ProcessLock, ProcessLockAnswer, ProcessLocks } from "../../../src/locking/ports.ts";
import { FakeKube } from "../../support/fake-kube.ts";
import { intercept, type Around, type Call } from "../../support/intercept.ts";

export const namespace = "locks";
export const target: LockTarget = { resource: "shop/Deployment/cart" };
export const name = leaseName(keyOfTarget(target));

export function holder(n: string): ClaimHolder {
  return { namespace, name: `rr-${n}`, uid: `u-${n}` };
}

export function held(answer: ClaimAnswer): Claim {
  assert.equal(answer.kind, "held");
  return answer.claim;
}

export function locked(answer: ProcessLockAnswer): ProcessLock {
  assert.equal(answer.kind, "held");
  return answer.lock;
}

export function kubeError(reason: KubeErrorReason): KubeError {
  return new KubeError(reason, "as the test says");
}

/** One API server, one clock, and what went over the wire and into the metrics and the log. */
export class World {
  readonly kube: FakeKube;
  readonly clock = new FakeClock();
  readonly calls: Call[] = [];
  readonly events: LockEvent[] = [];
  readonly warnings: string[] = [];
  /** What happens around each request. */
  around: Around = (_call, send) => send();
  readonly client: KubeClient;

  constructor() {
    this.kube = new FakeKube(() => this.clock.now());
    this.client = intercept(this.kube, (call, send) => {
      this.calls.push(call);
      return this.around(call, send);
    });
  }

  get deps() {
    const log: Logger = { ...silentLogger, warn: (message) => void this.warnings.push(message) };
    return { client: this.client, namespace, clock: this.clock, metrics: { record: (event: LockEvent) => void this.events.push(event) }, log, random: () => 0.5 };
  }

  claims(identity = "replica-1"): Claims {
    return createClaims({ ...this.deps, identity });
  }

  locks(identity = "replica-1", options: { readonly durationMs?: number; readonly marginMs?: number } = {}): ProcessLocks {
    return createProcessLocks({ ...this.deps, identity, ...options });
  }

  lease(of = name): Promise<Lease | undefined> {
    return this.kube.get(kinds.Lease, { namespace, name: of });
  }

  async leaseThere(): Promise<Lease> {
    const lease = await this.lease();
    assert.ok(lease);
    return lease;
  }

  put(spec: Lease["spec"], metadata: Partial<Lease["metadata"]> = {}): Promise<Lease> {
    return this.kube.create(kinds.Lease, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { namespace, name, ...metadata }, ...(spec ? { spec } : {}) });
  }

  async change(spec: Lease["spec"]): Promise<Lease> {
    const lease = await this.leaseThere();
    return this.kube.replace<Lease>(kinds.Lease, { ...lease, spec: { ...lease.spec, ...spec } });
  }

  async deleteLease(of = name): Promise<void> {
    const lease = await this.lease(of);
    assert.ok(lease);
    await this.kube.delete(kinds.Lease, { namespace, name: of }, { uid: lease.metadata.uid });
  }

  /** What went over the wire since the last time it was asked. */
  verbs(): string {
    return this.calls.splice(0).map(({ verb }) => verb).join(" ");
  }

  /** Requests of that verb fail: before anything was done, or after (the answer is lost). `times` of them. */
  failing(verb: Call["verb"], when: "before" | "after", reason: KubeErrorReason, times = Number.POSITIVE_INFINITY): void {
    let left = times;
    this.around = async (call, send) => {
      if (call.verb !== verb || left-- <= 0) return send();
      if (when === "after") await send();
      throw kubeError(reason);
    };
  }
}
