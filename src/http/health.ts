/** One thing that has to hold for a replica to be ready, and why it does not; undefined: it holds. */
export interface Readiness {
  readonly name: string;
  readonly problem: () => string | undefined;
  /** What people should know although it holds; undefined: nothing. */
  readonly notice?: () => string | undefined;
}

/** `/readyz`: 200 when everything holds, else 503; each condition on a line, with what is wrong or should be known. */
export function readyz(conditions: readonly Readiness[]): Response {
  const checked = conditions.map(({ name, problem, notice }) => ({ name, problem: problem(), notice: notice?.() }));
  const lines = checked.map(({ name, problem, notice }) => (problem === undefined ? `[+] ${name} ok${notice === undefined ? "" : `, but ${notice}`}` : `[-] ${name}: ${problem}`));
  return new Response(`${lines.join("\n")}\n`, { status: checked.every(({ problem }) => problem === undefined) ? 200 : 503, headers: { "content-type": "text/plain; charset=utf-8" } });
}

/** `/healthz`: the process answers. */
export function healthz(): Response {
  return new Response("ok\n", { headers: { "content-type": "text/plain; charset=utf-8" } });
}
