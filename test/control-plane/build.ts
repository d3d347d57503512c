import { controlPlaneBinaries } from "./binaries.ts";

for (const [name, path] of Object.entries(await controlPlaneBinaries())) console.log(`${name}: ${path}`);
