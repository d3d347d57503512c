/** Environment variable with the path of the ledger, which the node hands to every workflow. */
export const LEDGER_ENV = "E2E_LEDGER";
/** Environment variable with the pod's name, likewise. */
export const POD_ENV = "E2E_POD";

/**
 * A workflow that leaves a trace: `begin`, a `beat` every few hundredths of a second, `end`; each line appended by one
 * write, with the pod, the target, the run's id, its fence, the pid and the machine's uptime, which no clock moves.
 */
export function workflowCommand(beats: number): readonly string[] {
  const script = [
    `note() { read up rest < /proc/uptime; echo "$1 $${POD_ENV} $RO_TARGET $RO_RUN_ID $RO_FENCE $$$$ $up" >> "$${LEDGER_ENV}"; }`,
    "note begin",
    ...Array.from({ length: beats }, () => ["sleep 0.03", "note beat"]).flat(),
    "note end",
  ];
  return ["sh", "-c", script.join("\n")];
}
