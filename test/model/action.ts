/** What the model tells apart of all that is written, with the numbers of protocol.pml. */
export const ACTION_NUMBERS = {
  /** A request appears. */
  new: 1,
  /** It names a WorkflowExecution; detail 1: by the uid of the one that is there. */
  executing: 2,
  /** Detail 1: naming, by uid, the one that is there. */
  blocked: 3,
  unblocked: 4,
  /** Detail 0: for what became of its WorkflowExecution (step 0); 1: for any other reason. */
  ended: 5,
  /** Detail 1: after it was seen to be leaving. */
  requestGone: 6,
  /** Detail 1: owned by the request as it stands; 0: by an earlier one of that name. */
  born: 7,
  fenced: 8,
  /** Detail 1: naming the Job that is there, by uid. */
  running: 9,
  done: 10,
  /** Its deletion begins, or, without a finalizer, is over; detail: a person 0, the garbage collector 1, a replica 2; 3 more in the foreground. */
  deleting: 11,
  /** Gone after its dependents; detail 1: out of the blue. */
  gone: 12,
  /** The finalizer is off; detail 1: so it is gone. */
  released: 13,
  /** Detail 0: suspended. */
  jobBorn: 14,
  resumed: 15,
  jobFinished: 16,
  /** Detail 1: by the garbage collector. */
  jobDeleting: 17,
  /** Detail 0: its deletion was seen to begin; 1: it was not. */
  jobGone: 18,
  /** Its deletion in the foreground begins. */
  requestLeaving: 19,
} as const;

export type ActionName = keyof typeof ACTION_NUMBERS;

/** One write as the model sees it. */
export interface Action {
  readonly name: ActionName;
  /** Place of the RemediationRequest, or of the one whose child was written, in its trace: 0 to 2. */
  readonly request: number;
  readonly detail: number;
  /** In words, for people. */
  readonly said: string;
}
