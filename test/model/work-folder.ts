import { mkdtempSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder that goes with its disposal. */
export interface WorkFolder extends AsyncDisposable {
  readonly path: string;
}

const TOLD_TO_END = ["SIGINT", "SIGTERM"] as const;

/** An empty folder with a name that begins so. While it is there, SIGINT and SIGTERM end the process in order, with code 130: nothing but SIGKILL leaves the folder behind. */
export function workFolder(name: string): WorkFolder {
  // All at one go: no signal comes between the folder and whoever removes it.
  const path = mkdtempSync(join(tmpdir(), `${name}-`));
  const remove = (): void => rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  process.once("exit", remove);
  for (const signal of TOLD_TO_END) process.on(signal, end);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true });
      process.removeListener("exit", remove);
      for (const signal of TOLD_TO_END) process.removeListener(signal, end);
    },
  };
}

function end(): void {
  process.exit(130);
}
