import { straightRoadSuite } from "../../integration/suites/straight-road.ts";
import { realApi } from "../test-api.ts";

straightRoadSuite("kube-apiserver", realApi);
