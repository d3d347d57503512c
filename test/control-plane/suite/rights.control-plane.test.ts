import { rightsSuite } from "../../integration/suites/rights.ts";
import { realApi } from "../test-api.ts";

rightsSuite("kube-apiserver", realApi);
