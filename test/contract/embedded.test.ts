import { EmbeddedApiServer } from "../../src/apiserver/index.ts";
import { startJobController } from "../../src/apiserver/jobs/job-controller.ts";
import { startNode } from "../../src/apiserver/node/node.ts";
import { cryptoRandom } from "../../src/apiserver/random.ts";
import { systemClock } from "../../src/lib/clock.ts";
import type { ContractServer } from "./contract-server.ts";
import { crdContract } from "./crd.ts";
import { errorsContract } from "./errors.ts";
import { jobRulesContract } from "./job-rules.ts";
import { jobsContract } from "./jobs.ts";
import { leaseContract } from "./lease.ts";
import { objectsContract } from "./objects.ts";
import { scaleContract } from "./scale.ts";
import { watchContract } from "./watch.ts";

async function start(): Promise<ContractServer> {
  const server = new EmbeddedApiServer({ tokens: { secret: { name: "admin", groups: ["system:masters"] } }, namespaces: ["contract"] });
  const inside = { handle: server.handle, headers: { authorization: "Bearer secret" }, clock: systemClock };
  const jobs = startJobController({ ...inside, random: cryptoRandom });
  const node = startNode({ ...inside, mode: "script" });
  const listening = await server.listen();
  return {
    url: listening.url,
    caPem: listening.caPem,
    token: "secret",
    namespace: "contract",
    kind: "embedded",
    forgetHistory: () => server.compact(),
    async [Symbol.asyncDispose]() {
      jobs.stop();
      await node.stop();
      server.close();
      await listening.close();
    },
  };
}

objectsContract("embedded", start);
watchContract("embedded", start);
leaseContract("embedded", start);
errorsContract("embedded", start);
crdContract("embedded", start);
jobsContract("embedded", start);
jobRulesContract("embedded", start);
scaleContract("embedded", start);
