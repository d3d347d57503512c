/** An API server under test, with a namespace of its own that is gone, with all in it, once it is disposed. */
export interface ContractServer extends AsyncDisposable {
  readonly url: string;
  readonly caPem: string;
  /** Of a user who may do everything. */
  readonly token: string;
  readonly namespace: string;
  readonly kind: "embedded" | "real";
  /** Makes the server forget the history of every kind; absent where a test can not bring that about. */
  forgetHistory?(): void;
}

export type StartContractServer = () => Promise<ContractServer>;
