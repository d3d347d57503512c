import { embeddedApi } from "../support/cluster.ts";
import { stormSuite } from "./suites/storm.ts";

stormSuite("embedded API server", embeddedApi);
