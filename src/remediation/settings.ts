/** What an installation may set about the course of a remediation. Spans in milliseconds. */
export interface RemediationSettings {
  readonly timeoutsMs: {
    readonly processing: number;
    readonly analyzing: number;
    readonly executing: number;
    readonly verifying: number;
  };
  /** How soon to look again at a target whose lock somebody holds who has not created a workflow yet. */
  readonly contentionRetryMs: number;
  /** The slow look at whatever waits, in case an event was lost. */
  readonly safetyPollMs: number;
  /** How long a target is watched after its workflow before it is judged. */
  readonly stabilizationWindowMs: number;
  /** How long a finished RemediationRequest is kept. */
  readonly retentionMs: number;
  /** Everything but the workflow: the analysis ends the remediation. */
  readonly dryRun: boolean;
  /** Tell people of success too, not only of what needs them. */
  readonly notifyCompletion: boolean;
  /** Whether our own executor runs workflows here: only then may they carry its finalizer. */
  readonly ourExecutor: boolean;
}

const MINUTE_MS = 60_000;

/** The numbers of the domain rules. */
export const defaultSettings: RemediationSettings = {
  timeoutsMs: { processing: 5 * MINUTE_MS, analyzing: 10 * MINUTE_MS, executing: 30 * MINUTE_MS, verifying: 30 * MINUTE_MS },
  contentionRetryMs: 100,
  safetyPollMs: 30_000,
  stabilizationWindowMs: 0,
  retentionMs: 24 * 60 * MINUTE_MS,
  dryRun: false,
  notifyCompletion: false,
  ourExecutor: true,
};
