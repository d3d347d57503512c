import { Command } from "commander";
import { deployFiles } from "./package-files.ts";

/** `ro crds`: the CustomResourceDefinitions as one YAML stream on standard output. */
export function crdsCommand(): Command {
  return new Command("crds")
    .description("print the CustomResourceDefinitions")
    .addHelpText("after", "\nExamples:\n  $ ro crds | kubectl apply --server-side -f -\n  $ ro crds > crds.yaml\n")
    .action(() => {
      process.stdout.write(deployFiles("crds").map(({ text }) => (text.startsWith("---") ? text : `---\n${text}`)).join(""));
    });
}
