/** One passage through the turnstile: who is in it, and what its request for the lock came to. */
interface Passage<A> {
  readonly identity: string;
  readonly signal: AbortSignal | undefined;
  readonly answer: Promise<A>;
}

/** What somebody who came while another one was in the passage gets to see. */
export type Witnessed<A> = { readonly kind: "answered"; readonly by: string; readonly answer: A } | { readonly kind: "try-again" };

/**
 * Lets one caller per key of this process through to the API server. Those who come meanwhile send nothing: they share the
 * answer that the one in front gets. Nobody queues, because a caller with another holder has nothing to wait for here.
 */
export class Turnstile<A> {
  // A key is in here from the moment its caller enters until it leaves: while it asks, and while it holds what it got.
  readonly #passages = new Map<string, Passage<A>>();

  /** Enters, or returns undefined when somebody is inside. `ask` gets `leave`, to be called once its caller holds nothing any more; a throw leaves. */
  enter(key: string, identity: string, signal: AbortSignal | undefined, ask: (leave: () => void) => Promise<A>): Promise<A> | undefined {
    if (this.#passages.has(key)) return undefined;
    const { promise: answer, resolve } = Promise.withResolvers<A>();
    const passage: Passage<A> = { identity, signal, answer };
    this.#passages.set(key, passage);
    const leave = (): void => {
      if (this.#passages.get(key) === passage) this.#passages.delete(key);
    };
    resolve(leavingOnError(ask(leave), leave));
    return answer;
  }

  /** Waits for the answer of the one inside. Its failure is everybody's, unless it gave up by its own signal. */
  async witness(key: string, signal: AbortSignal | undefined): Promise<Witnessed<A>> {
    const passage = this.#passages.get(key);
    if (!passage) return { kind: "try-again" };
    try {
      return { kind: "answered", by: passage.identity, answer: await unlessAborted(passage.answer, signal) };
    } catch (error) {
      signal?.throwIfAborted();
      if (passage.signal?.aborted) return { kind: "try-again" };
      throw error;
    }
  }

  /** Keys with somebody inside. */
  get size(): number {
    return this.#passages.size;
  }
}

async function leavingOnError<A>(answer: Promise<A>, leave: () => void): Promise<A> {
  try {
    return await answer;
  } catch (error) {
    leave();
    throw error;
  }
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
    if (signal.aborted) onAbort();
  });
}
