import { samplesSuite } from "../../integration/suites/samples.ts";
import { realApi } from "../test-api.ts";

samplesSuite("kube-apiserver", realApi);
