import { stormSuite } from "../../integration/suites/storm.ts";
import { realApi } from "../test-api.ts";

stormSuite("kube-apiserver", realApi);
