import { startEmbeddedCluster } from "../../src/apiserver/embedded-cluster.ts";

// The embedded API server as a process of its own: in the process of its clients it would take their time for its own.
// Answers the first message with its coordinates, each further one with the CPU time that it has used.
const TOKEN = "admin";
const cluster = await startEmbeddedCluster({ tokens: { [TOKEN]: { name: "admin", groups: ["system:masters"] } }, controllers: true, node: "script" });
const { url, caPem } = cluster.listening;
let told = false;
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.(told ? { cpuMs: (user + system) / 1000 } : { url, caPem, token: TOKEN });
  told = true;
});
process.on("disconnect", () => void cluster.stop().then(() => process.exit(0)));
