/** What can stand in place of the word before the cursor. */
import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { shortestNames } from "../control/counter-names.ts";
import type { OperatorView, PluginView } from "../control/protocol.ts";
import { commandNamed, commands } from "./commands.ts";
import { filterWords, seen } from "./complete-filter.ts";
import { expressionWords } from "./expressions/complete.ts";
import { pickWords } from "./gateways.ts";
import { PANES } from "./layout.ts";
import { THEME_NAMES } from "./paint.ts";
import type { Choices, Line, Prompt } from "./prompt.ts";
import { typedArgument, wordsOf } from "./signature-words.ts";
import type { Store } from "./store.ts";

const MOST = 200;

/** Words for the place in the text from which on they would stand. */
export type Found = { readonly from: number; readonly words: readonly string[] };

export function complete(store: Store, kind: Prompt["kind"], { text, at }: Line): Choices {
  const before = text.slice(0, at);
  const { from, words } =
    kind === "filter"
      ? filterWords(store, before)
      : kind === "command"
        ? commandWords(store, before)
        : { from: at, words: [] };
  const typed = before.slice(from);
  const fitting = [...new Set(words)].filter((each) => begins(each, typed) && each !== typed).sort();
  return { from, words: fitting.slice(0, MOST), chosen: -1 };
}

/** Whoever types a name need not know that it will be in quotes. */
function begins(word: string, typed: string): boolean {
  return word.startsWith(typed) || word.replaceAll('"', "").startsWith(typed.replaceAll('"', ""));
}

/** By the signature of the command: the word of it that is at the same place names the kind of value. */
function commandWords(store: Store, before: string): Found {
  const word = /\S*$/.exec(before)?.[0] ?? "";
  const from = before.length - word.length;
  const [name = "", ...rest] = before.trimStart().split(/\s+/);
  if (rest.length === 0) {
    const typed = commands.flatMap((each) => (each.keysOnly ? [] : [each.name]));
    const own = plugins(store).flatMap((each) => (each.commands.length > 0 ? [each.name] : []));
    return { from, words: [...typed, ...own] };
  }
  const own = plugins(store).find((each) => each.name === name);
  if (own) return { from, words: rest.length === 1 ? own.commands.map((each) => each.name) : [] };
  const command = commandNamed(name);
  if (!command) return { from, words: [] };
  const filter = typedArgument(command, before, "FILTER");
  if (filter !== null) {
    const found = filterWords(store, before.slice(filter));
    return { from: filter + found.from, words: found.words };
  }
  const wanted = wordsOf(command);
  const kind = wanted[Math.min(rest.length, wanted.length) - 1] ?? "";
  if (kind === "JSON") return { from, words: word === "" ? lastArguments(store, rest[0] ?? "") : [] };
  return {
    from,
    words: kind.split("|").flatMap((each) => KINDS[each]?.(store, word) ?? literal(each, kind)),
  };
}

/** A word that stands for itself. */
function literal(word: string, kind: string): string[] {
  return kind.includes("|") || word === "for" || word === "10m" ? [word] : [];
}

const KINDS: Readonly<Record<string, (store: Store, word: string) => string[]>> = {
  ID: (store) => store.model.holds.map(({ hold }) => hold.id),
  CALL: (store) => {
    const { model } = store;
    const { calls } = store.content();
    const last = Array.from({ length: Math.min(50, calls.length) }, (_, i) => calls.at(calls.length - 1 - i));
    const many = model.shown.length > 1;
    return last.flatMap((row) => {
      if (row === undefined) return [];
      return many ? `${model.nameOf(row.gateway)}/${row.call.id}` : row.call.id;
    });
  },
  TOOL: (store) => [...new Set([...seen(store, "tool"), ...listedTools(store)])],
  BLOCKED: (store) => operators(store).flatMap(({ blocks }) => blocks.map(({ tool }) => tool)),
  ALLOWED: (store) => operators(store).flatMap(({ allows }) => allows.map(({ tool }) => tool)),
  PLUGIN: (store) => plugins(store).map(({ name }) => name),
  COUNTER: (store) => shortestNames(store.model.counters),
  PANE: () => [...PANES],
  GATEWAYS: ({ model }) => pickWords(model),
  THEME: () => [...THEME_NAMES],
  EXPRESSION: (store, word) => expressionWords(store.content(), word),
  FILE: (store, word) => [...policyFiles(store), ...files(word)],
  POLICY: (store, word) => [...policyFiles(store), ...files(word)],
};

function policyFiles({ model }: Store): string[] {
  return [...model.gateways.values()].flatMap(({ policy }) => policy.files);
}

/** With its server, where several gateways or servers have a tool of that name. */
function listedTools({ model }: Store): string[] {
  const many = model.shown.flatMap(({ upstreams }) => upstreams).length > 1;
  return model.tools.map(({ upstream, name }) => (many ? `${upstream}/${name}` : name));
}

/** What the tool was last called with. */
function lastArguments({ model }: Store, word: string): string[] {
  const tool = word.slice(word.indexOf("/") + 1);
  const last = model.calls.toArray().findLast(({ call }) => call.tool === tool || call.tool === word);
  // What was cut is no JSON.
  return last?.call.arguments.endsWith("}") ? [last.call.arguments] : [];
}

function plugins(store: Store): PluginView[] {
  return [...store.model.gateways.values()].flatMap(({ policy }) => policy.plugins);
}

function operators(store: Store): OperatorView[] {
  return [...store.live.gateways.values()].map(({ operator }) => operator);
}

function files(word: string): string[] {
  const path = word.replace(/^~(?=\/|$)/, homedir());
  const folder = word.endsWith("/") ? path : dirname(path);
  const typed = word.endsWith("/") ? word : word.slice(0, word.length - basename(word).length);
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(({ name }) => !name.startsWith(".") && !/\s/.test(name))
      .map((entry) => join(typed || ".", entry.name).replace(/^\.\//, "") + (entry.isDirectory() ? "/" : ""))
      .map((name) => (typed.startsWith("./") ? `./${name}` : name));
  } catch {
    return [];
  }
}
