/** One line of the ledger: what a workflow, or the node after it, wrote the moment it happened. */
export interface LedgerLine {
  readonly what: "begin" | "beat" | "end" | "gone";
  readonly pod: string;
  readonly target: string;
  /** The RemediationRequest's uid. */
  readonly run: string;
  readonly fence: number;
}

/** What a ledger says about the runs in it. */
export interface LedgerVerdict {
  readonly runs: number;
  /** A workflow began, or still acted, while another one of another Job had not ended on the same target. */
  readonly overlaps: readonly string[];
  /** A RemediationRequest whose workflow was run by more than one Job. */
  readonly ranTwice: readonly string[];
  /** More than one pod of one Job: Kubernetes' own doing, of which the documentation warns. */
  readonly podsTwice: readonly string[];
  /** A workflow began with a fence that is not greater than every one before it on its target. Pods of one Job share theirs. */
  readonly staleFences: readonly string[];
  /** The Jobs whose workflow ran to its end, by the RemediationRequest's uid. */
  readonly toTheEnd: ReadonlyMap<string, ReadonlySet<string>>;
}

/** A line as it stands in the file; undefined for one that is not whole. */
export function parseLine(text: string): LedgerLine | undefined {
  const [what, pod, target, run, fence] = text.split(" ");
  if (what !== "begin" && what !== "beat" && what !== "end" && what !== "gone") return undefined;
  if (!pod || !target || !run) return undefined;
  return { what, pod, target, run, fence: Number(fence) };
}

/** Judges lines in the order of the file, which is the order in which they happened: each is appended by one write. Pure. */
export function judgeLedger(lines: readonly LedgerLine[]): LedgerVerdict {
  const reading = new Reading();
  for (const line of lines) reading.read(line);
  return reading.verdict;
}

/** A Job's pods carry its name and a random end. */
function jobOf(pod: string): string {
  return pod.replace(/-[^-]+$/, "");
}

class Reading {
  readonly #open = new Map<string, Map<string, LedgerLine>>();
  readonly #jobsOfRun = new Map<string, Set<string>>();
  readonly #podsOfJob = new Map<string, Set<string>>();
  readonly #fences = new Map<string, number>();
  readonly #overlaps = new Set<string>();
  readonly #staleFences = new Set<string>();
  readonly #toTheEnd = new Map<string, Set<string>>();
  #runs = 0;

  get verdict(): LedgerVerdict {
    return {
      runs: this.#runs,
      overlaps: [...this.#overlaps],
      ranTwice: severalIn(this.#jobsOfRun),
      podsTwice: severalIn(this.#podsOfJob),
      staleFences: [...this.#staleFences],
      toTheEnd: this.#toTheEnd,
    };
  }

  read(line: LedgerLine): void {
    const open = this.#open.get(line.target) ?? new Map<string, LedgerLine>();
    this.#open.set(line.target, open);
    if (line.what === "begin") this.#begin(line);
    if (line.what === "end") add(this.#toTheEnd, line.run, jobOf(line.pod));
    if (line.what === "end" || line.what === "gone") return void open.delete(line.pod);
    open.set(line.pod, line);
    for (const other of open.keys()) {
      if (jobOf(other) !== jobOf(line.pod)) this.#overlaps.add(`${[other, line.pod].toSorted().join(" and ")} on ${line.target}`);
    }
  }

  #begin(line: LedgerLine): void {
    const { pod, run } = line;
    this.#runs++;
    if (!this.#podsOfJob.has(jobOf(pod))) this.#fence(line);
    add(this.#jobsOfRun, run, jobOf(pod));
    add(this.#podsOfJob, jobOf(pod), pod);
  }

  // A workflow that was told no fence, or no number, has one that is not greater.
  #fence({ pod, target, fence }: LedgerLine): void {
    const highest = this.#fences.get(target) ?? 0;
    if (fence > highest) this.#fences.set(target, fence);
    else this.#staleFences.add(`${pod} on ${target}: ${fence} after ${highest}`);
  }
}

function add(sets: Map<string, Set<string>>, key: string, member: string): void {
  sets.set(key, (sets.get(key) ?? new Set<string>()).add(member));
}

function severalIn(sets: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  return [...sets].filter(([, members]) => members.size > 1).map(([key, members]) => `${key}: ${[...members].join(", ")}`);
}
