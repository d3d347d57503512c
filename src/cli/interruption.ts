/** The reason of a signal that aborted because the process was told to end. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** Whether this process has been told to end. */
export interface Interruption extends Disposable {
  /** Aborts at the first SIGTERM or SIGINT, with an Interrupted as its reason. */
  readonly signal: AbortSignal;
  /** Resolves at the same moment. */
  readonly told: Promise<void>;
}

/** Listens for SIGTERM and SIGINT from now on, until disposed; each after the first calls `again`. */
export function listenForInterruption(again: () => void): Interruption {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) return again();
    controller.abort(new Interrupted(`told to end by ${name}`));
    resolve();
  };
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  return {
    signal: controller.signal,
    told: promise,
    [Symbol.dispose]: () => void process.off("SIGTERM", onSignal).off("SIGINT", onSignal),
  };
}
