import { embeddedApi } from "../support/cluster.ts";
import { samplesSuite } from "./suites/samples.ts";

samplesSuite("embedded API server", embeddedApi);
