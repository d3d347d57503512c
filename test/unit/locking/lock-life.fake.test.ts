import { FakeKube } from "../../support/fake-kube.ts";
import { lockLifeContract } from "../../contract/lock-life.ts";

lockLifeContract("fake", async () => ({ client: new FakeKube(), namespace: "locks", [Symbol.asyncDispose]: async () => undefined }));
