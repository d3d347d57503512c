import { neighboursSuite } from "../../integration/suites/neighbours.ts";
import { realApi } from "../test-api.ts";

neighboursSuite("kube-apiserver", realApi);
