import assert from "node:assert/strict";

const PATIENCE_MS = 40_000;

/** Looks until it holds; fails after forty seconds with what was waited for. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > endMs) assert.fail(`it did not come to hold: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
