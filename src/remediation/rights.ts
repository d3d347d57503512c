/** What is known of our own rights. */
export interface Rights {
  /** Which are missing, as a sentence; undefined: none that is known. Nothing new is started meanwhile. */
  missing(): string | undefined;
  /** The same, after the API server was asked: for whom it has just refused. */
  confirm(): Promise<string | undefined>;
}

/** Where nobody looks at rights: each refusal is an error like any other. */
export const unwatchedRights: Rights = { missing: () => undefined, confirm: () => Promise.resolve(undefined) };
