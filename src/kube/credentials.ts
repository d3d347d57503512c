/** What authenticates a request. */
export interface Credentials {
  /** Headers for the next request; reads them anew where they have grown old. Throws when they can not be had. */
  headers(): Promise<Readonly<Record<string, string>>> | Readonly<Record<string, string>>;
  /** The server refused the last ones (401): they are read anew before the next request. */
  refused(): void;
}

/** No header at all: a client certificate says who it is. */
export const noCredentials: Credentials = { headers: () => ({}), refused: () => undefined };

/** A token that does not change. */
export function tokenCredentials(token: string): Credentials {
  return { headers: () => ({ authorization: `Bearer ${token}` }), refused: () => undefined };
}
