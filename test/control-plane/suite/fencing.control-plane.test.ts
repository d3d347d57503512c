import { fencingSuite } from "../../integration/suites/fencing.ts";
import { realApi } from "../test-api.ts";

fencingSuite("kube-apiserver", realApi);
