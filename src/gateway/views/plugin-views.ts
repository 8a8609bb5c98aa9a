import type { PluginView } from "../../control/protocol.ts";
import type { Policies } from "../policies.ts";

/** The plugins that the policy names, also those that are not asked now. */
export function pluginViews({ loaded, off, problems }: Policies): PluginView[] {
  return loaded.seats.map(({ plugin }): PluginView => {
    const { name, hash, asked, loadedAt, disabled } = plugin;
    const { files, description } = plugin.parts;
    const [file = ""] = files;
    const unread = problems.filter((problem) => files.includes(problem.file));
    const broken = disabled === null ? [] : [{ file, line: 0, col: 0, message: disabled, help: "" }];
    return {
      name,
      file,
      hash,
      state: off.has(name) ? "disabled" : disabled === null ? "ready" : "failed",
      problems: [...broken, ...unread].map((problem) => ({ ...problem })),
      calls: asked,
      commands: description.commands.map((command) => ({ name: command.name, help: command.help })),
      since: loadedAt,
    };
  });
}
