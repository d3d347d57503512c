import { editsOf } from "../edit.ts";
import type { Mutant } from "../mutant.ts";

const running = editsOf("workers/execution/running-execution.ts");

/** Step 10: each reason to stop a run, for itself; and all of them. */
export const stoppingMutants: readonly Mutant[] = [
  {
    id: "Z110a",
    what: "nothing that runs is ever stopped",
    edits: [running("const over = await reasonToStop(deps, execution, known?.spec.suspend !== false, context);", "const over = (await reasonToStop(deps, execution, known?.spec.suspend !== false, context)) && undefined;")],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z110b",
    what: "the end of a remediation does not stop what runs for it",
    edits: [running("return isTerminalPhase(owner.status?.overallPhase) ? stopped(`Stopped: its RemediationRequest is ${owner.status?.overallPhase}.`) : undefined;", "return isTerminalPhase(owner.status?.overallPhase) ? undefined : undefined;")],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z110c",
    what: "what runs for a remediation that is gone is left to the garbage collector",
    edits: [running("if (!owner || owner.metadata.uid !== ref.uid) return stopped(\"Stopped: its RemediationRequest is gone.\");", "if (!owner || owner.metadata.uid !== ref.uid) return undefined;")],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z110d",
    what: "an execution that is deleted runs on",
    edits: [running("  if (execution.metadata.deletionTimestamp) return stopped(\"Stopped: it was deleted.\");\n", "")],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z110e",
    what: "an execution whose limit is over runs on, and is looked at without a pause",
    edits: [running("  if (untilDue(deps, execution) <= 0) return { reason: \"DeadlineExceeded\", message: \"Stopped: it took longer than its limit.\", acted: true };\n", "")],
    by: "simulation",
    breaks: ["L1"],
  },
];
