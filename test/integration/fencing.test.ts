import { embeddedApi } from "../support/cluster.ts";
import { fencingSuite } from "./suites/fencing.ts";

fencingSuite("embedded API server", embeddedApi);
