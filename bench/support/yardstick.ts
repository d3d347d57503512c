import { apiVersionOf } from "../../src/api/kind.ts";
import { kinds } from "../../src/api/kinds.ts";
import type { KubeClient } from "../../src/kube/ports.ts";

const PAUSE_MS = 50;

/** What one bare write costs on this server while something else is measured. */
export interface Yardstick {
  /** Ends it; the milliseconds of each POST of a Lease that nobody else wanted. */
  stop(): Promise<readonly number[]>;
}

/** Creates and deletes a Lease of its own, twenty times a second, from a process that does little else. */
export function startYardstick(client: KubeClient, namespace: string): Yardstick {
  const ms: number[] = [];
  const end = new AbortController();
  const measure = async (): Promise<void> => {
    while (!end.signal.aborted) {
      const startMs = performance.now();
      const { metadata } = await client.create(kinds.Lease, { apiVersion: apiVersionOf(kinds.Lease), kind: "Lease", metadata: { name: "yardstick", namespace }, spec: { holderIdentity: "yardstick" } });
      ms.push(performance.now() - startMs);
      await client.delete(kinds.Lease, { namespace, name: metadata.name }, { uid: metadata.uid });
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };
  const measuring = measure();
  return {
    async stop() {
      end.abort();
      await measuring;
      return ms;
    },
  };
}
