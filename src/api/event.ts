import type { MicroTime } from "./lease.ts";
import type { KubeObject, ObjectReference } from "./object.ts";
import type { Timestamp } from "./timestamp.ts";

/** core/v1 Event: one remark about one object. Its namespace is the object's. */
export interface Event extends KubeObject {
  readonly involvedObject: ObjectReference & { readonly resourceVersion?: string; readonly fieldPath?: string };
  readonly type: "Normal" | "Warning";
  /** CamelCase. */
  readonly reason: string;
  /** At most 1024 characters are kept by the API server for the newer Events API; keep it below. */
  readonly message: string;
  readonly count?: number;
  readonly firstTimestamp?: Timestamp | null;
  readonly lastTimestamp?: Timestamp | null;
  readonly eventTime?: MicroTime | null;
  readonly action?: string;
  readonly source?: { readonly component?: string; readonly host?: string };
  readonly reportingComponent?: string;
  readonly reportingInstance?: string;
}
