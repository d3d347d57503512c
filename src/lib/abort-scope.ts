/** An AbortSignal of its own that also follows a parent, and lets go of the parent when disposed. */
export interface AbortScope extends Disposable {
  readonly signal: AbortSignal;
  /** Aborts this scope, not the parent. Twice is harmless: the first reason stays. */
  abort(reason?: unknown): void;
}

/**
 * A child scope of `parent`. `AbortSignal.any` keeps the child reachable from a long-lived parent on several Node
 * versions; here disposing removes the one listener that was added.
 */
export function abortScope(parent?: AbortSignal): AbortScope {
  const controller = new AbortController();
  const follow = (): void => controller.abort(parent?.reason);
  if (parent?.aborted) follow();
  else parent?.addEventListener("abort", follow, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    [Symbol.dispose]: () => parent?.removeEventListener("abort", follow),
  };
}
