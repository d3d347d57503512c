import type { ClaimHolder } from "./ports.ts";

const CLAIM = "rr";

/** holderIdentity of a claim: `rr/<namespace>/<name>/<uid>`. TypeError when a part is empty or holds a slash. */
export function claimIdentity({ namespace, name, uid }: ClaimHolder): string {
  const identity = [CLAIM, namespace, name, uid].join("/");
  if (!parseClaimIdentity(identity)) throw new TypeError(`no holder of a claim: ${identity}`);
  return identity;
}

/** The inverse of `claimIdentity`; undefined for any other text. */
export function parseClaimIdentity(identity: string): ClaimHolder | undefined {
  const parts = identity.split("/");
  const [form, namespace, name, uid] = parts;
  if (parts.length !== 4 || form !== CLAIM || !namespace || !name || !uid) return undefined;
  return { namespace, name, uid };
}

/** Whether a text belongs to the identities of claims, well-formed or not. A process must not call itself so. */
export function looksLikeClaim(identity: string): boolean {
  return identity.startsWith(`${CLAIM}/`);
}
