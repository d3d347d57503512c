import { embeddedApi } from "../support/cluster.ts";
import { neighboursSuite } from "./suites/neighbours.ts";

neighboursSuite("embedded API server", embeddedApi);
