import type { ApiResponse } from "../ports.ts";
import { jsonText, plainText } from "../respond.ts";

const VERSION = {
  major: "1",
  minor: "37",
  emulationMajor: "1",
  emulationMinor: "37",
  minCompatibilityMajor: "1",
  minCompatibilityMinor: "36",
  gitVersion: "v1.37.2-embedded",
  gitCommit: "",
  gitTreeState: "clean",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "",
  compiler: "",
  platform: "",
};

/** What is no resource: version and health. Everything else is not found. */
export function nonResource(path: string): ApiResponse {
  switch (path) {
    case "/version":
      return jsonText(200, JSON.stringify(VERSION, undefined, 2));
    case "/healthz":
    case "/livez":
    case "/readyz":
      return plainText(200, "ok");
    default:
      return plainText(404, "404 page not found\n");
  }
}
