import type { User } from "./ports.ts";
import { unauthorized } from "./status-error.ts";

/** Who somebody without a token is. */
export const ANONYMOUS: User = { name: "system:anonymous", groups: ["system:unauthenticated"] };

// What an API server tells anybody.
const PUBLIC: ReadonlySet<string> = new Set(["/healthz", "/livez", "/readyz", "/version"]);

/** Bearer tokens and the users they stand for. Without any, everybody may do everything, anonymously. */
export type Tokens = Readonly<Record<string, User>>;

/**
 * Who sends a request. Any user may act as another one with `Impersonate-User`. Throws StatusError 401 for a token that is
 * not known, and for none where there are tokens, unless the path is public.
 */
export function userOf(tokens: Tokens, headers: Readonly<Record<string, string>>, path: string): User {
  const bearer = headers["authorization"];
  const user = bearer ? known(tokens, bearer) : ANONYMOUS;
  if (!user || (user === ANONYMOUS && !PUBLIC.has(path) && Object.keys(tokens).length > 0)) throw unauthorized();
  const impersonated = headers["impersonate-user"];
  return impersonated ? { name: impersonated, groups: ["system:authenticated"] } : user;
}

function known(tokens: Tokens, bearer: string): User | undefined {
  const token = bearer.replace(/^Bearer /i, "");
  if (Object.hasOwn(tokens, token)) return tokens[token];
  return Object.keys(tokens).length === 0 ? ANONYMOUS : undefined;
}
