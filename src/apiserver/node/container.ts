/** How a container ended; killed by signal n is exit code 128 + n. `ContainerStatusUnknown`: it never ran here, or was lost. */
export interface ContainerExit {
  readonly exitCode: number;
  readonly reason: "Completed" | "Error" | "OOMKilled" | "StartError" | "ContainerStatusUnknown";
  readonly message?: string;
}

/** What is to be run, with every reference resolved. */
export interface ContainerSpec {
  readonly podUid: string;
  readonly podName: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** Empty when the image's own entrypoint would run, which nobody here knows. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string | undefined;
}

/** A container that runs. */
export interface RunningContainer {
  /** Asks it to end, and kills it after `graceMs`. A second call may only shorten the grace. */
  stop(graceMs: number): void;
  /** Ends it at once; resolves when nothing of it is left. No exit is told any more. */
  kill(): Promise<void>;
}

/** Where a container tells what becomes of it. */
export interface ContainerEvents {
  /** One line of its output, without the newline. */
  line(text: string): void;
  /** Once, last; never synchronously within `start`. */
  exit(exit: ContainerExit): void;
}

/** Starts containers: scripted in the clock's time, or as processes of this machine. */
export type ContainerRunner = (spec: ContainerSpec, events: ContainerEvents) => RunningContainer;
