import { systemClock } from "../../lib/clock.ts";
import { claim } from "./claim.ts";
import { caughtLaunching } from "./launching.ts";
import { observe } from "./observer.ts";
import { heading, observed, type Screen } from "./screen.ts";
import { alert, mostAtOnce, NAMESPACE, type Stage } from "./stage.ts";
import { waitUntil } from "./wait-until.ts";

const REQUEST = "paused";
/** Longer than everything by which others judge a replica: its membership counts for 6 s, a place in line costs 0.3 s. */
const PAUSE_MS = 8000;

/** SIGSTOP in the middle of a launch, until another replica has finished the work; then SIGCONT: the late write is refused. */
export async function pauseTheActor(stage: Stage, screen: Screen): Promise<void> {
  heading(screen, 4, "SIGSTOP in the middle of a launch, SIGCONT when it is too late");
  using observer = observe(stage.local, NAMESPACE);
  const { log } = stage.local.cluster.server;
  const sinceMs = Date.now();
  let stoppedAtMs = 0;
  const caught = caughtLaunching(stage, observer, REQUEST, (replica) => {
    replica.kill("SIGSTOP");
    stoppedAtMs = systemClock.monotonic();
  });
  alert(stage, NAMESPACE, REQUEST, "payment", "KubePodCrashLooping");
  const actor = await caught;
  const refused = (): number => log.writes({ user: actor.name, code: 409 });
  const refusedBefore = refused();
  await observer.until("another replica finished the work", 20_000, () => observer.requests.get(REQUEST)?.status?.completedAt !== undefined);
  const tookOverMs = systemClock.monotonic() - stoppedAtMs;
  screen.write(`   ${actor.name} was stopped between creating the workflow and naming it; others had finished its work ${(tookOverMs / 1000).toFixed(1)} s later\n`);
  await systemClock.sleep(Math.max(0, PAUSE_MS - tookOverMs));
  actor.kill("SIGCONT");
  await waitUntil("the late write was refused", 10_000, () => refused() > refusedBefore);
  const { runs, atOnce } = mostAtOnce(stage, NAMESPACE, sinceMs);
  claim(runs === 1 && atOnce === 1, `that one workflow ran (${runs} did)`);
  observed(screen, `after ${((systemClock.monotonic() - stoppedAtMs) / 1000).toFixed(1)} s it woke up and went on where it was: ${refused() - refusedBefore} late write refused (409 Conflict), nothing ran twice`);
}
