import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Coordinates } from "./server.ts";

/** A kubeconfig file for the user of those coordinates, in a folder of its own that goes when this is disposed, or the process ends. */
export function writeKubeconfig({ url, caPem, token }: Coordinates): Disposable & { readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), "ro-bench-"));
  const path = join(folder, "kubeconfig");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "bench",
    clusters: [{ name: "bench", cluster: { server: url, "certificate-authority-data": Buffer.from(caPem).toString("base64") } }],
    users: [{ name: "bench", user: { token } }],
    contexts: [{ name: "bench", context: { cluster: "bench", user: "bench" } }],
  };
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  return {
    path,
    [Symbol.dispose]() {
      process.removeListener("exit", remove);
      remove();
    },
  };
}
