/** RFC 3339 in whole seconds, cut off rather than rounded, as built-in kinds carry their times. */
export function wholeSeconds(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}
