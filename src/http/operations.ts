import type { Registry } from "prom-client";
import { healthz, readyz, type Readiness } from "./health.ts";
import type { Handler } from "./serve.ts";

export interface OperationsDeps {
  readonly registry: Registry;
  readonly readiness: readonly Readiness[];
}

/** `/healthz`, `/readyz` and `/metrics`, for GET and HEAD; anything else is a 404 or 405 that says what there is. */
export function operationsHandler({ registry, readiness }: OperationsDeps): Handler {
  return async (request) => {
    const { pathname } = new URL(request.url);
    if (!["/healthz", "/readyz", "/metrics"].includes(pathname)) return problem(404, `no ${pathname} here: there are /healthz, /readyz and /metrics`);
    if (request.method !== "GET" && request.method !== "HEAD") return problem(405, `${pathname} takes GET`);
    if (pathname === "/healthz") return healthz();
    if (pathname === "/readyz") return readyz(readiness);
    return new Response(await registry.metrics(), { headers: { "content-type": registry.contentType } });
  };
}

function problem(status: number, error: string): Response {
  return Response.json({ error }, { status });
}
