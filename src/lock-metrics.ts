import { assertNever } from "./lib/assert-never.ts";
import type { LockMetrics } from "./locking/metrics.ts";
import type { Instruments } from "./metrics/instruments.ts";

/** Counts what the locks report. */
export function lockMetrics(instruments: Instruments): LockMetrics {
  return {
    record(event) {
      switch (event.kind) {
        case "acquired":
          instruments.lockAcquisitions.inc({ form: event.form, how: event.how });
          instruments.lockWaitSeconds.observe({ form: event.form }, event.tookMs / 1000);
          return;
        case "refused":
          return instruments.lockRefused.inc({ form: event.form, why: event.why });
        case "acquisition-failed":
          return instruments.lockAcquisitionFailures.inc({ reason: event.reason });
        case "released":
          instruments.lockReleased.inc({ form: event.form });
          instruments.lockHoldSeconds.observe({ form: event.form }, event.heldMs / 1000);
          return;
        case "release-failed":
          return instruments.lockReleaseFailures.inc({ form: event.form });
        case "lost":
          return instruments.lockLost.inc();
        case "reaped":
          return instruments.lockReaped.inc({ form: event.form });
        default:
          return assertNever(event);
      }
    },
  };
}
