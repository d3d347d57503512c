import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "../chaos.ts";

/** kube-apiserver is killed and comes back on the same port. Time until work goes on is counted from when it answers again. */
export const apiServerKilled: Fault = {
  name: "kube-apiserver killed",
  share: 1,
  times: 2,
  async strike({ world, random, mark, workGoesOn }) {
    await sleep(random.between(1000, 3000));
    await world.plane.stopApiServer("SIGKILL");
    await sleep(random.between(200, 2000));
    await world.plane.startApiServer();
    mark();
    await workGoesOn();
  },
};

/** etcd is killed and comes back with what it had on disk. */
export const etcdKilled: Fault = {
  name: "etcd killed",
  share: 1,
  times: 2,
  async strike({ world, random, mark, workGoesOn }) {
    await sleep(random.between(1000, 3000));
    await world.plane.killEtcd();
    await sleep(random.between(200, 2000));
    await world.plane.startEtcd();
    await world.plane.ready();
    mark();
    await workGoesOn();
  },
};
