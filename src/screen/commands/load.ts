/** Files of calls, to be looked at as a screen that stands still. */
import { homedir } from "node:os";
import { resolve } from "node:path";
import { loadCalls } from "../../control/past/load.ts";
import type { Command } from "../command.ts";
import { showLoaded } from "../loaded.ts";
import type { Store } from "../store.ts";

export const loadCommands: readonly Command[] = [
  {
    name: "load",
    args: "[FILE]",
    help: "shows the calls that save wrote, or an audit log; alone, goes back to the live ones",
    run(store, file) {
      if (file === "") return goLive(store);
      const path = resolve(file.replace(/^~(?=\/|$)/, homedir()));
      loadCalls(path).then(
        (loaded) => showLoaded(store, loaded),
        (error: Error) => store.notice(error.message),
      );
      return null;
    },
  },
];

function goLive(store: Store): string | null {
  if (store.loaded === null) return "nothing is loaded: load FILE shows what save wrote, or an audit log";
  if (store.options.alone) return "there is nothing else to show: callgate watch shows the live gateways";
  store.show(null);
  store.say("live again");
  return null;
}
