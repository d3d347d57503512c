/** RFC 3339 in UTC, as the API writes times; fractions of a second may be present. */
export type Timestamp = string;

/** The API's spelling of a moment given in milliseconds since the epoch. */
export function timestamp(epochMs: number): Timestamp {
  return new Date(epochMs).toISOString();
}

/** Milliseconds since the epoch; undefined when the text is absent or no time. */
export function epochMsOf(text: Timestamp | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
