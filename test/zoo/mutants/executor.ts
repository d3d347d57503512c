import type { Edit, Mutant } from "../mutant.ts";

const inFile =
  (file: string) =>
  (find: string, replace: string): Edit => ({ file: `src/workers/execution/${file}`, find, replace });
const gate = inFile("gate.ts");
const contenders = inFile("contenders.ts");
const job = inFile("job-for.ts");

/** Bugs of the executor: steps 5 to 11. */
export const executorMutants: readonly Mutant[] = [
  {
    id: "Z1",
    what: "no gate at step 5",
    edits: [gate("  const ownerUid = controllerOf(execution)?.uid;", `  if (execution) return { kind: "open" };\n  const ownerUid = controllerOf(execution)?.uid;`)],
    by: "simulation",
    breaks: ["I5", "I4"],
  },
  {
    id: "Z2a",
    what: "younger Pending ones are not fenced at step 6",
    edits: [contenders(`return { kind: "clear", fence: others };`, `return { kind: "clear", fence: [] };`)],
    by: "simulation",
    breaks: ["I1", "I2"],
  },
  {
    id: "Z2b",
    what: "step 6 asks only who is first by timestamp",
    edits: [contenders("others.find(countsAsRunning)", "others.find(() => false)"), contenders(`return { kind: "clear", fence: others };`, `return { kind: "clear", fence: [] };`)],
    by: "simulation",
    breaks: ["I1", "I2"],
  },
  {
    id: "Z3",
    what: "the Job is created running",
    edits: [job("      suspend: true,", "      suspend: false,")],
    by: "simulation",
    breaks: ["I3", "I4", "I2"],
  },
  {
    id: "Z6",
    what: "the gate waits for a Blocked owner",
    edits: [gate(`    case "AwaitingApproval":`, `    case "AwaitingApproval":\n    case "Blocked":`)],
    by: "simulation",
    breaks: ["L1"],
  },
];
