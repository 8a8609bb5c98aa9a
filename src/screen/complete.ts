/** What can stand in place of the word before the cursor. */
import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { shortestNames } from "../control/counter-names.ts";
import { fields } from "../control/filter/fields.ts";
import type { OperatorView, PluginView } from "../control/protocol.ts";
import { commandNamed, commands } from "./commands.ts";
import { expressionWords } from "./expressions/complete.ts";
import { pickWords } from "./gateways.ts";
import { PANES } from "./layout.ts";
import { THEME_NAMES } from "./paint.ts";
import type { Choices, Line, Prompt } from "./prompt.ts";
import type { Store } from "./store.ts";

const MOST = 200;

export function complete(store: Store, kind: Prompt["kind"], { text, at }: Line): Choices {
  const before = text.slice(0, at);
  const word = /\S*$/.exec(before)?.[0] ?? "";
  const found =
    kind === "filter" ? filterWords(store, word) : kind === "command" ? words(store, before, word) : [];
  const fitting = [...new Set(found)].filter((each) => each.startsWith(word) && each !== word).sort();
  return { from: at - word.length, words: fitting.slice(0, MOST), chosen: -1 };
}

/** By the signature of the command: the word of it that is at the same place names the kind of value. */
function words(store: Store, before: string, word: string): string[] {
  const [first = "", ...rest] = before.trimStart().split(/\s+/);
  if (rest.length === 0) {
    const typed = commands.flatMap(({ name, keysOnly }) => (keysOnly ? [] : [name]));
    return [...typed, ...plugins(store).flatMap((each) => (each.commands.length > 0 ? [each.name] : []))];
  }
  const own = plugins(store).find(({ name }) => name === first);
  if (own && rest.length === 1) return own.commands.map(({ name }) => name);
  const wanted = commandNamed(first)?.args.match(/[^\s[\]|]+/g) ?? [];
  const kind = wanted[Math.min(rest.length, wanted.length) - 1] ?? "";
  // Of a filter and of a path with spaces, every word.
  return (
    KINDS[wanted[0] === "FILTER" ? "FILTER" : kind]?.(store, word) ?? [kind].filter((each) => each === "for")
  );
}

const KINDS: Readonly<Record<string, (store: Store, word: string) => string[]>> = {
  ID: (store) => ["all", ...store.model.holds.map(({ hold }) => hold.id)],
  CALL: (store) => {
    const { calls } = store.content();
    return Array.from(
      { length: Math.min(50, calls.length) },
      (_, i) => calls.at(calls.length - 1 - i)?.call.id ?? "",
    );
  },
  TOOL: (store) => seen(store, "tool"),
  BLOCKED: (store) => operators(store).flatMap(({ blocks }) => blocks.map(({ tool }) => tool)),
  ALLOWED: (store) => operators(store).flatMap(({ allows }) => allows.map(({ tool }) => tool)),
  PLUGIN: (store) => plugins(store).map(({ name }) => name),
  COUNTER: (store) => shortestNames(store.model.counters),
  PANE: () => [...PANES],
  GATEWAYS: ({ model }) => ["all", ...pickWords(model)],
  THEME: () => [...THEME_NAMES],
  FILE: (_, word) => files(word),
  POLICY: (store, word) => [
    ...[...store.model.gateways.values()].flatMap(({ policy }) => policy.files),
    ...files(word),
  ],
  EXPRESSION: (store, word) => expressionWords(store.content(), word),
  FILTER: filterWords,
};

function plugins(store: Store): PluginView[] {
  return [...store.model.gateways.values()].flatMap(({ policy }) => policy.plugins);
}

function operators(store: Store): OperatorView[] {
  return [...store.model.gateways.values()].map(({ operator }) => operator);
}

function filterWords(store: Store, word: string): string[] {
  const [, before = "", name = "", operator = ""] = /^(.*[!(])?([a-z]*)(:|=)/.exec(word) ?? [];
  const field = fields.find((each) => each.name === name);
  const head = before + name + operator;
  if (!field) {
    const open = /^.*[!(]/.exec(word)?.[0] ?? "";
    const starts = fields.map((each) => (each.name === "arg" ? "arg." : each.name + each.operators[0]));
    return [...starts.map((each) => open + each), ...["and", "or", "not"].map((each) => open + each)];
  }
  const quoted = (value: string) => (/[\s()"]/.test(value) ? JSON.stringify(value) : value);
  return [...(field.values ?? seen(store, name))].map((value) => head + quoted(value));
}

/** What the calls in view have had there. */
function seen(store: Store, field: string): string[] {
  const { model } = store;
  const calls = model.calls.toArray().slice(-2_000);
  const of: Record<string, () => string[]> = {
    tool: () => calls.map(({ call }) => call.tool),
    agent: () => calls.map(({ call }) => call.agent),
    server: () => calls.map(({ call }) => call.upstream),
    session: () => calls.map(({ call }) => call.session),
    rule: () => [
      ...model.denials.map(({ rule }) => rule.name),
      ...calls.flatMap(({ call }) => (call.would ? [call.would.rule.name] : [])),
    ],
  };
  return [...new Set(of[field]?.() ?? [])].filter((value) => value !== "").slice(-MOST);
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
