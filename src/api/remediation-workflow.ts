import type { Condition, Json, KubeObject } from "./object.ts";
import type { Timestamp } from "./timestamp.ts";
import type { ExecutionEngine, WorkflowDependencies } from "./workflow-execution.ts";

/** A parameter that a workflow takes. */
export interface WorkflowParameter {
  readonly name: string;
  readonly type: "string" | "integer" | "boolean" | "array" | "float";
  readonly required: boolean;
  readonly description: string;
  readonly default?: Json;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly dependsOn?: readonly string[];
}

/** What a workflow does and when it is the right one. May be edited at any time. */
export interface RemediationWorkflowSpec {
  /** PascalCase. */
  readonly actionType: string;
  /** A semantic version. */
  readonly version: string;
  readonly description: {
    readonly what: string;
    readonly whenToUse: string;
    readonly whenNotToUse?: string;
    readonly preconditions?: string;
  };
  /** What it suits; `*` in a list suits everything. */
  readonly labels: {
    readonly component: readonly string[];
    readonly environment: readonly string[];
    readonly severity: readonly string[];
    readonly priority: string;
    readonly cluster?: readonly string[];
  };
  readonly customLabels?: Readonly<Record<string, string>>;
  readonly detectedLabels?: Json;
  readonly execution: {
    readonly engine?: ExecutionEngine;
    readonly bundle?: string;
    readonly bundleDigest?: string;
    readonly engineConfig?: Json;
    readonly serviceAccountName?: string;
  };
  /** At least one. */
  readonly parameters: readonly WorkflowParameter[];
  readonly rollbackParameters?: readonly WorkflowParameter[];
  readonly dependencies?: WorkflowDependencies;
  readonly maintainers?: readonly { readonly name: string; readonly email: string }[];
}

/** How the catalog took it in. */
export interface RemediationWorkflowStatus {
  readonly workflowId?: string;
  readonly catalogStatus?: string;
  readonly contentHash?: string;
  readonly registeredAt?: Timestamp;
  readonly registeredBy?: string;
  readonly previouslyExisted?: boolean;
  readonly conditions?: readonly Condition[];
}

/** An entry of the catalog of cures. */
export interface RemediationWorkflow extends KubeObject {
  readonly spec: RemediationWorkflowSpec;
  readonly status?: RemediationWorkflowStatus;
}
