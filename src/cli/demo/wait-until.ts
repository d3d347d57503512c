import { systemClock } from "../../lib/clock.ts";
import { NotObserved } from "./claim.ts";

const LOOK_EVERY_MS = 10;

/** Resolves when the condition holds, looked at every 10 ms; throws NotObserved after `withinMs`. */
export async function waitUntil(what: string, withinMs: number, condition: () => boolean): Promise<void> {
  const endMs = systemClock.monotonic() + withinMs;
  while (!condition()) {
    if (systemClock.monotonic() > endMs) throw new NotObserved(`not observed within ${withinMs / 1000} s: ${what}`);
    await systemClock.sleep(LOOK_EVERY_MS);
  }
}
