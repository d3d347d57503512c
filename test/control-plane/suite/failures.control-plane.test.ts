import { failuresSuite } from "../../integration/suites/failures.ts";
import { realApi } from "../test-api.ts";

failuresSuite("kube-apiserver", realApi);
