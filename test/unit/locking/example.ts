import { LockLostError, type ProcessLocks } from "../../../src/locking/index.ts";

/** A store that refuses a write with a smaller fence than it has seen: in SQL, `UPDATE ... WHERE fence <= $fence`. */
interface FencedStore {
  put(key: string, value: string, fence: bigint): Promise<"stored" | "fenced">;
}

/** Rebuilds the index, in one process at a time if all goes well, and correctly if it does not. */
export async function rebuildIndex(locks: ProcessLocks, store: FencedStore, build: (signal: AbortSignal) => Promise<string>): Promise<"stored" | "fenced" | "busy" | "lost"> {
  const answer = await locks.acquire("search-index", { mode: { waitMs: 10_000 } });
  if (answer.kind !== "held") return "busy";
  await using lock = answer.lock;
  try {
    const index = await build(lock.signal);
    lock.assertHeld();
    return await store.put("search-index", index, BigInt(lock.fence));
  } catch (error) {
    if (error instanceof LockLostError) return "lost";
    throw error;
  }
}
