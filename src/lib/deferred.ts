/** A promise with its two ends in hand. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

/** A promise to be settled by somebody else. Settling twice is harmless: the first one counts. */
export function deferred<T = void>(): Deferred<T> {
  return Promise.withResolvers<T>();
}
