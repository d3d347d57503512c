import { systemClock } from "../../lib/clock.ts";
import { claim } from "./claim.ts";
import { caughtLaunching } from "./launching.ts";
import { observe } from "./observer.ts";
import { heading, observed, type Screen } from "./screen.ts";
import { alert, mostAtOnce, NAMESPACE, type Stage } from "./stage.ts";

const REQUEST = "killed";

/** kill -9 of the replica that acts, right after it has created the WorkflowExecution: another one goes on. */
export async function killTheActor(stage: Stage, screen: Screen): Promise<void> {
  heading(screen, 3, "kill -9 of the replica that acts");
  using observer = observe(stage.local, NAMESPACE);
  const sinceMs = Date.now();
  let killedAtMs = 0;
  const caught = caughtLaunching(stage, observer, REQUEST, (replica) => {
    replica.kill("SIGKILL");
    killedAtMs = systemClock.monotonic();
  });
  alert(stage, NAMESPACE, REQUEST, "payment", "KubePodCrashLooping");
  const actor = await caught;
  await actor.ended;
  stage.remove(actor.name);
  screen.write(`   ${actor.name} had claimed the target and created the workflow, inert; it was killed before it could name it\n`);
  await observer.until("the workflow became active", 15_000, () => observer.executions.some(({ object }) => object.spec.remediationRequestRef.name === REQUEST && object.status?.phase === "Running"));
  const running = observer.executions.find(({ object }) => object.spec.remediationRequestRef.name === REQUEST && object.status?.phase === "Running");
  await observer.until("the remediation ended", 20_000, () => observer.requests.get(REQUEST)?.status?.completedAt !== undefined);
  const { runs } = mostAtOnce(stage, NAMESPACE, sinceMs);
  claim(runs === 1 && observer.requests.get(REQUEST)?.status?.completionStatus?.outcome === "Remediated", "that it was cured once");
  observed(screen, `another replica went on under the same claim: the workflow ran ${Math.round((running?.atMs ?? 0) - killedAtMs)} ms after the kill, once, and the remediation ended Remediated`);
  await stage.startReplica(actor.name);
}
