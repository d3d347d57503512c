/** Ends a `switch` over a union: a case that was forgotten does not compile, and throws if the wire brought it. */
export function assertNever(value: never, what = "value"): never {
  throw new TypeError(`unexpected ${what}: ${JSON.stringify(value)}`);
}
