import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ACTION_NUMBERS, type Action, type ActionName } from "./action.ts";
import { createReplayer, type Replayer } from "./replay.ts";

/** `name request detail` for each action, separated by commas: "new 0, born 0 1". Detail 0 may be left out. */
function trace(text: string): readonly Action[] {
  return text.split(",").map((word) => {
    const [name = "", request = "0", detail = "0"] = word.trim().split(" ");
    assert.ok(name in ACTION_NUMBERS, name);
    return { name: name as ActionName, request: Number(request), detail: Number(detail), said: word.trim() };
  });
}

const LAUNCHED = "new 0, born 0 1, executing 0 1, jobBorn 0, running 0 1, resumed 0";
const TWO_PENDING = "new 0, new 1, born 0 1, born 1 1, executing 0 1, executing 1 1";

const GOOD: Readonly<Record<string, string>> = {
  "a remediation from its alert to its end": `${LAUNCHED}, jobFinished 0, done 0, released 0, ended 0`,
  "an end that is written before the finalizer goes": `${LAUNCHED}, jobFinished 0, done 0, ended 0, released 0`,
  "one waits, is unblocked when the other has ended, and runs": `new 0, new 1, born 0 1, executing 0 1, blocked 1, jobBorn 0, running 0 1, resumed 0, jobFinished 0, done 0, unblocked 1, born 1 1, executing 1 1, jobBorn 1, running 1 1, resumed 1`,
  "of two that are Pending one is fenced, waits, and is born again": `${TWO_PENDING}, fenced 1, jobBorn 0, running 0 1, blocked 1 1, released 1, resumed 0, jobFinished 0, done 0, unblocked 1, deleting 1 2, born 1 1, executing 1 1`,
  "one that sees another run fences itself": `new 0, new 1, born 0 1, executing 0 1, jobBorn 0, running 0 1, resumed 0, born 1 1, executing 1 1, fenced 1, blocked 1 1`,
  "a cancel stops the Job first": `${LAUNCHED}, ended 0 1, jobDeleting 0, jobGone 0, done 0, released 0`,
  "a request is deleted while its Job runs": `${LAUNCHED}, requestGone 0, deleting 0 1, jobDeleting 0, jobGone 0, done 0, released 0 1`,
  "a person deletes a WorkflowExecution: its owner ends with it": `${LAUNCHED}, deleting 0, jobDeleting 0, jobGone 0, done 0, released 0 1, ended 0`,
  "a creator stops before it names what it made, another replica blocks": "new 0, born 0 1, blocked 0, fenced 0, unblocked 0, blocked 0 1, unblocked 0, deleting 0 2, released 0 1, born 0 1, executing 0 1",
  "a request comes back under its name and waits until the old one is collected": `${LAUNCHED}, requestGone 0, new 0, deleting 0 1, jobDeleting 0, jobGone 0, done 0, released 0 1, born 0 1, executing 0 1, jobBorn 0, running 0 1, resumed 0`,
  "a write of a request that is gone lands late": "new 0, requestGone 0, born 0 0, deleting 0 1, fenced 0, released 0 1",
  "a request is deleted in the foreground": `${LAUNCHED}, requestLeaving 0, deleting 0 4, jobDeleting 0 1, jobGone 0, done 0, released 0, gone 0, requestGone 0 1`,
  "a WorkflowExecution that can not be run": "new 0, born 0 1, executing 0 1, done 0, ended 0",
  "nothing": "new 0",
};

const BAD: Readonly<Record<string, readonly [text: string, stoppedAt: number]>> = {
  "a second Running on the target": [`${TWO_PENDING}, fenced 1, jobBorn 0, running 0 1, running 1 1`, 9],
  "two Pending ones that both run": [`${TWO_PENDING}, jobBorn 0, jobBorn 1, running 0 1, running 1 1`, 7],
  "a Job that is resumed before its WorkflowExecution runs": ["new 0, born 0 1, executing 0 1, jobBorn 0, resumed 0", 4],
  "a Job that is resumed twice": [`${LAUNCHED}, resumed 0`, 6],
  "a second Job of one request": [`${LAUNCHED}, jobFinished 0, done 0, jobBorn 0`, 8],
  "a WorkflowExecution that fails while its Job lives": [`${LAUNCHED}, ended 0 1, done 0`, 7],
  "a WorkflowExecution that fails while its Job is on its way out": [`${LAUNCHED}, ended 0 1, jobDeleting 0, done 0`, 8],
  "a request that names another uid than that of its WorkflowExecution": ["new 0, born 0 1, executing 0 0", 2],
  "a WorkflowExecution that starts before it is named": ["new 0, born 0 1, jobBorn 0", 2],
  "a WorkflowExecution that starts while its owner is Blocked": ["new 0, born 0 1, blocked 0, jobBorn 0", 3],
  "a Job that is born running": ["new 0, born 0 1, executing 0 1, jobBorn 0 1", 3],
  "a finalizer that goes while the workflow runs": [`${LAUNCHED}, released 0`, 6],
  "a WorkflowExecution that is gone while it runs": [`${LAUNCHED}, gone 0 1`, 6],
  "a request that is called lost while its workflow runs": [`${LAUNCHED}, ended 0`, 6],
  "a request that goes back to wait while its workflow runs": [`${LAUNCHED}, blocked 0 1`, 6],
  "an end that is taken back": [`${LAUNCHED}, ended 0 1, unblocked 0`, 7],
  "a fenced one that is adopted": ["new 0, born 0 1, blocked 0, fenced 0, unblocked 0, executing 0 1", 5],
  "a fenced one that is deleted before its owner has given it up": ["new 0, born 0 1, blocked 0, fenced 0, unblocked 0, deleting 0 2", 5],
  "a fenced one that is given up while it is on its way out": ["new 0, born 0 1, deleting 0, fenced 0, blocked 0 1", 4],
  "a fenced one that is deleted while its owner goes by it": [`${TWO_PENDING}, fenced 1, deleting 1 2`, 7],
  "a replica that deletes a WorkflowExecution that was not fenced": ["new 0, born 0 1, executing 0 1, deleting 0 2", 3],
  "a collector that collects what has an owner": ["new 0, born 0 1, deleting 0 1", 2],
};

describe("a trace in the model", () => {
  let replayer: Replayer;
  before(async () => {
    replayer = await createReplayer();
  });
  after(() => replayer[Symbol.asyncDispose]());

  for (const [name, text] of Object.entries(GOOD)) {
    it(`is accepted: ${name}`, async () => assert.deepEqual(await replayer.replay([trace(text)]), [{ accepted: true }]));
  }

  for (const [name, [text, stoppedAt]] of Object.entries(BAD)) {
    it(`is refused: ${name}`, async () => {
      const [verdict] = await replayer.replay([trace(text)]);
      assert.deepEqual(verdict, { accepted: false, stoppedAt, action: trace(text)[stoppedAt]?.said });
    });
  }

  it("is judged by itself among others", async () => {
    const texts = [GOOD["nothing"], BAD["a Job that is resumed twice"]?.[0], LAUNCHED];
    const verdicts = await replayer.replay(texts.map((text) => trace(text ?? "")));
    assert.deepEqual(verdicts.map(({ accepted }) => accepted), [true, false, true]);
  });
});
