import { after } from "node:test";
import { publishedCrdsSuite } from "../../integration/suites/published-crds.ts";
import { startControlPlane, type ControlPlane } from "../control-plane.ts";
import { REPLICA_USERS } from "../shared.ts";
import { apiOf } from "../test-api.ts";

// CRDs are the whole cluster's: this suite can not share the plane on which ours are installed.
let plane: Promise<ControlPlane> | undefined;
after(async () => (await plane)?.stop());

publishedCrdsSuite("kube-apiserver", async () => apiOf(await (plane ??= startControlPlane({ users: REPLICA_USERS.map((name) => ({ name })) }))));
