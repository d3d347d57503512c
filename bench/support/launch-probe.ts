import { kinds } from "../../src/api/kinds.ts";
import type { Lease } from "../../src/api/lease.ts";
import { controllerOf, type KubeObject } from "../../src/api/object.ts";
import type { KubeClient } from "../../src/kube/ports.ts";
import { parseClaimIdentity } from "../../src/locking/holder-identity.ts";

/** One passage through lock and checks. */
export interface LaunchSample {
  /** `launched`: until its WorkflowExecution was about to be created. `refused`: until the Lease of somebody else was read. */
  readonly end: "launched" | "refused";
  readonly ms: number;
}

interface Open {
  readonly lease: string;
  readonly startMs: number;
}

/**
 * The same client, watched for launches. A launch begins when the POST of the claim's Lease is handed to the client and
 * ends when the POST of the same remediation's WorkflowExecution is: in between lie the lock, every check, and nothing else.
 */
export function probeLaunches(client: KubeClient, tell: (sample: LaunchSample) => void): KubeClient {
  // By the uid of the RemediationRequest.
  const open = new Map<string, Open>();
  const end = (uid: string, how: LaunchSample["end"]): void => {
    const begun = open.get(uid);
    if (begun) tell({ end: how, ms: performance.now() - begun.startMs });
    open.delete(uid);
  };
  return {
    ...client,
    async create(kind, draft, options) {
      const holder = holderOf(draft);
      if (holder) open.set(holder, { lease: draft.metadata.name, startMs: performance.now() });
      else if (kind.kind === kinds.WorkflowExecution.kind) end(ownerOf(draft), "launched");
      return client.create(kind, draft, options);
    },
    async get(kind, key, options) {
      const found = await client.get(kind, key, options);
      const holder = found && kind.kind === kinds.Lease.kind ? holderOf(found) : undefined;
      // One caller of a process at a time asks for a Lease: whoever finds another one's there is refused by it.
      if (holder) for (const [uid, { lease }] of open) if (lease === key.name && uid !== holder) end(uid, "refused");
      return found;
    },
  };
}

/** The uid in whose name a claim's Lease is held; undefined for every other object. */
function holderOf(object: object): string | undefined {
  const { spec } = object as { readonly spec?: Lease["spec"] };
  return parseClaimIdentity(spec?.holderIdentity ?? "")?.uid;
}

function ownerOf(draft: object): string {
  // A draft carries its owners as the stored object will.
  return controllerOf(draft as KubeObject)?.uid ?? "";
}
