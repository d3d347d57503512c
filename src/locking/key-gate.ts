import { deferred, type Deferred } from "../lib/deferred.ts";

/** At most one inside per key. Those outside may wait for the one inside to leave, in no order. */
export class KeyGate {
  readonly #inside = new Map<string, Deferred<void>>();

  /** Goes in, and returns how to leave (twice is harmless); undefined when somebody is inside. */
  enter(key: string): (() => void) | undefined {
    if (this.#inside.has(key)) return undefined;
    const left = deferred();
    this.#inside.set(key, left);
    return () => {
      if (this.#inside.get(key) === left) this.#inside.delete(key);
      left.resolve();
    };
  }

  /** Resolves when whoever is inside now has left; at once when nobody is. */
  async left(key: string): Promise<void> {
    await this.#inside.get(key)?.promise;
  }
}
