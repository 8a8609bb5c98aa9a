/** Questions to the live data. */
import { sanitize } from "../../sanitize.ts";
import type { Command } from "../command.ts";
import { openAnswer } from "../detail.ts";
import { liveData, NAMES } from "../expressions/data.ts";
import { piece } from "../line.ts";
import { promptOf } from "../prompt.ts";
import type { Store } from "../store.ts";
import { width, wrap } from "../text.ts";

export const expressionCommands: readonly Command[] = [
  {
    name: "=",
    args: "[EXPRESSION]",
    help: `JavaScript over what is there: ${Object.keys(NAMES).join(", ")} (the last value)`,
    run(store, code) {
      if (code === "") ask(store);
      else void evaluate(store, code).catch((error: Error) => store.notice(error.message));
      return null;
    },
  },
];

function ask(store: Store): void {
  store.ui.prompt = promptOf("command", {
    label: ":",
    text: "= ",
    enter: (text) => (text === "" || text === "=" ? null : store.attempt(text)),
  });
}

async function evaluate(store: Store, code: string): Promise<void> {
  const text = await store.options.evaluate(code, liveData(store.content()));
  // Short values need no page of their own.
  if (!text.includes("\n") && width(text) < store.size.columns - 8) return store.say(`= ${text}`);
  const rows = text.split("\n").map((row) => sanitize(row, 4_096));
  openAnswer(store, {
    title: `= ${sanitize(code, 200)}`,
    lines: (cells) => rows.flatMap((row) => wrap(row, cells).map((part) => [piece(part)])),
  });
}
