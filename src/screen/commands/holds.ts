/** Answering held calls. */
import type { Command } from "../command.ts";
import { editHold } from "../edit-hold.ts";
import { number } from "../format.ts";
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
  const what = other ? `all ${number(holds.length)} held calls` : toolOf(store, only);
  const tools = Map.groupBy(holds, (row) => toolOf(store, row));
  store.ui.prompt = promptOf("question", {
    label: `${verb} ${what}? y/n`,
    hint: [...tools]
      .map(([tool, { length }]) => (length > 1 ? `${tool} (${number(length)})` : tool))
      .join(", "),
    enter() {
      void answerAll(store, holds, verb, message);
      return null;
    },
  });
  return null;
}

/** One command a gateway, however many it holds. */
async function answerAll(
  store: Store,
  holds: readonly HoldRow[],
  verb: string,
  message: string,
): Promise<void> {
  const asked = [...Map.groupBy(holds, ({ gateway }) => gateway)].map(async ([gateway, rows]) => {
    const ids = rows.map(({ hold }) => hold.id).join(",");
    const said = String(await store.options.ask(gateway, `${verb} ${ids} ${message}`.trim()));
    return store.model.shown.length > 1 ? `${store.model.nameOf(gateway)}: ${said}` : said;
  });
  const said = await Promise.allSettled(asked);
  const done = said.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  const failed = said.flatMap((each) => (each.status === "rejected" ? [String(each.reason.message)] : []));
  if (failed.length === 0) store.say(done.join("; "));
  else store.notice([...failed, ...done].join("; "));
}
