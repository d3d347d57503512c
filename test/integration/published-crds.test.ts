import { embeddedApi } from "../support/cluster.ts";
import { publishedCrdsSuite } from "./suites/published-crds.ts";

publishedCrdsSuite("embedded API server", embeddedApi);
