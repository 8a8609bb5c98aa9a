/** Answering held calls. */
import type { Command } from "../command.ts";
import { editHold } from "../edit-hold.ts";
import { answerHold, holdNamed, noHold, toolOf } from "../holds.ts";
import type { HoldRow } from "../merge.ts";
import { promptOf } from "../prompt.ts";
import type { Store } from "../store.ts";

export const holdCommands: readonly Command[] = [
  {
    name: "approve",
    args: "[ID|all]",
    help: "lets a held call go on: the marked one, the one named, or all",
    run(store, id) {
      if (id === "all") return askForAll(store, "approve");
      const row = holdNamed(store, id);
      if (typeof row === "string") return row;
      void answerHold(store, row, `approve ${row.hold.id}`, `approved ${toolOf(store, row)}`);
      return null;
    },
  },
  {
    name: "deny",
    args: "[ID|all] [message]",
    help: "denies a held call; the message is for the model, else the rule's own",
    run(store, argument) {
      const [, first = "", message = ""] = /^(\S*)\s*(.*)$/s.exec(argument) ?? [];
      if (first === "all") return askForAll(store, "deny", message);
      const row = holdNamed(store, first);
      if (typeof row === "string") return row;
      if (message !== "") return deny(store, row, message);
      store.ui.prompt = promptOf("words", {
        label: `deny ${toolOf(store, row)}: `,
        hint: "words for the model, or enter alone for the rule's own; esc leaves it held",
        enter: (words) => deny(store, row, words),
      });
      return null;
    },
  },
  {
    name: "edit",
    args: "[ID]",
    help: "lets a held call go on with other arguments, edited in $VISUAL or $EDITOR and judged again",
    run(store, id) {
      const row = holdNamed(store, id);
      if (typeof row === "string") return row;
      void editHold(store, row);
      return null;
    },
  },
];

function deny(store: Store, row: HoldRow, message: string): null {
  const told = message === "" ? "" : `; the model is told: ${message}`;
  void answerHold(store, row, `deny ${row.hold.id} ${message}`, `denied ${toolOf(store, row)}${told}`);
  return null;
}

/** One answer for all that are held now: what comes while the question stands is not meant. */
function askForAll(store: Store, verb: "approve" | "deny", message = ""): string | null {
  const { holds } = store.model;
  const [only, other] = holds;
  if (!only) return noHold(store);
  const what = other ? `all ${holds.length} held calls` : toolOf(store, only);
  store.ui.prompt = promptOf("question", {
    label: `${verb} ${what}? y/n`,
    hint: holds.map((row) => toolOf(store, row)).join(", "),
    enter() {
      void answerAll(store, holds, verb, message);
      return null;
    },
  });
  return null;
}

async function answerAll(
  store: Store,
  holds: readonly HoldRow[],
  verb: string,
  message: string,
): Promise<void> {
  const asked = holds.map(({ gateway, hold }) => store.options.ask(gateway, `${verb} ${hold.id} ${message}`));
  const done = (await Promise.allSettled(asked)).filter(({ status }) => status === "fulfilled").length;
  const gone = asked.length - done;
  const said = `${verb === "deny" ? "denied" : "approved"} ${done} of ${asked.length} held calls`;
  if (gone === 0) store.say(said);
  else store.notice(`${said}; the others were no longer held`);
}
