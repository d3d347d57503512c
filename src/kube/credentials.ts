import { readFile } from "node:fs/promises";
import type { Clock } from "../lib/clock.ts";
import { KubeError } from "./kube-error.ts";

/** A client's certificate and its private key, both PEM. */
export interface ClientCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

/** What authenticates a request. */
export interface Credentials {
  /** Headers for the next request; reads them anew where they have grown old. Throws KubeError when they can not be had. */
  headers(): Promise<Readonly<Record<string, string>>> | Readonly<Record<string, string>>;
  /** The server refused the last ones (401): they are read anew before the next request. False when they never change, so that asking again is no use. */
  refused(): boolean;
  /** The certificate for the next connection, where that is what authenticates. Throws KubeError when it can not be had. */
  certificate?(): Promise<ClientCertificate | undefined>;
}

/** How old a token from a file may be: kubelet replaces it long before it expires. */
const TOKEN_FILE_AGE_MS = 60_000;

/** No header at all: a client certificate says who it is. */
export const noCredentials: Credentials = { headers: () => ({}), refused: () => false };

/** A token that does not change. */
export function tokenCredentials(token: string): Credentials {
  return { headers: () => bearer(token), refused: () => false };
}

/** A token in a file that somebody else replaces: read anew every minute and after a refusal, once for all who ask meanwhile. */
export function tokenFileCredentials(path: string, clock: Clock): Credentials {
  let held: { readonly headers: Readonly<Record<string, string>>; readonly readAtMs: number } | undefined;
  let reading: Promise<Readonly<Record<string, string>>> | undefined;
  const read = async (): Promise<Readonly<Record<string, string>>> => {
    try {
      const headers = bearer(await readToken(path));
      held = { headers, readAtMs: clock.monotonic() };
      return headers;
    } finally {
      reading = undefined;
    }
  };
  return {
    headers() {
      if (held && clock.monotonic() - held.readAtMs < TOKEN_FILE_AGE_MS) return held.headers;
      return (reading ??= read());
    },
    refused() {
      held = undefined;
      return true;
    },
  };
}

/** The header that carries a token. */
export function bearer(token: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${token}` };
}

async function readToken(path: string): Promise<string> {
  let token: string;
  try {
    token = (await readFile(path, "utf8")).trim();
  } catch (error) {
    throw new KubeError("Unreachable", `token file ${path} can not be read`, { cause: error });
  }
  if (token === "") throw new KubeError("Unreachable", `token file ${path} is empty`);
  return token;
}
