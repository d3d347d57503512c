import { embeddedApi } from "../support/cluster.ts";
import { straightRoadSuite } from "./suites/straight-road.ts";

straightRoadSuite("embedded API server", embeddedApi);
