import { embeddedApi } from "../support/cluster.ts";
import { failuresSuite } from "./suites/failures.ts";

failuresSuite("embedded API server", embeddedApi);
