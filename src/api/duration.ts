/** A span as Go writes it: `1h0m0s`, `90s`, `1.5h`, `300ms`. */
export type Duration = string;

const MS_PER_UNIT = new Map([
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
  ["us", 1e-3],
  ["µs", 1e-3],
  ["μs", 1e-3],
  ["ns", 1e-6],
]);
const WHOLE = /^([-+])?((?:(?:\d+\.?\d*|\.\d+)(?:h|ms|m|s|us|µs|μs|ns))+)$/;
const TERM = /(\d+\.?\d*|\.\d+)(h|ms|m|s|us|µs|μs|ns)/g;

/** Milliseconds (possibly fractions of one) of a Go duration; undefined when the text is absent or is none. */
export function durationMs(text: Duration | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text === "0" || text === "+0" || text === "-0") return 0;
  const match = WHOLE.exec(text);
  if (!match) return undefined;
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(TERM)) sum += Number(amount) * (MS_PER_UNIT.get(unit ?? "") ?? Number.NaN);
  return match[1] === "-" ? -sum : sum;
}

/** The span as Go prints it, to the millisecond: `1h0m0s`, `1m30s`, `1.5s`, `300ms`, `0s`. */
export function formatDuration(ms: number): Duration {
  const whole = Math.round(Math.abs(ms));
  const sign = ms < 0 && whole > 0 ? "-" : "";
  if (whole > 0 && whole < 1000) return `${sign}${whole}ms`;
  const hours = Math.floor(whole / 3_600_000);
  const minutes = Math.floor(whole / 60_000) % 60;
  const seconds = `${(whole % 60_000) / 1000}s`;
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}
