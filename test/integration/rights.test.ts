import { embeddedApi } from "../support/cluster.ts";
import { rightsSuite } from "./suites/rights.ts";

rightsSuite("embedded API server", embeddedApi);
