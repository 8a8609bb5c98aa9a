/** What can stand in a filter. */
import { valueAt } from "../control/filter/arguments.ts";
import { fieldNamed, fields } from "../control/filter/fields.ts";
import { tokens } from "../control/filter/tokens.ts";
import { isObject } from "../wire/json.ts";
import type { Found } from "./complete.ts";
import type { Store } from "./store.ts";

const MOST = 200;
/** Calls that are looked at for values. */
const RECENT = 2_000;

/** Words for the end of a filter that has been typed so far. */
export function filterWords(store: Store, text: string): Found {
  const last = tokens(text).at(-1);
  const within = last !== undefined && last.end === text.length && last.kind !== "(" && last.kind !== ")";
  const from = within && last.kind !== "not" ? last.start : text.length;
  if (!within || last.kind !== "field")
    return { from, words: [...starts(), ...paths(store), "and", "or", "not"] };
  const { name, path, operator } = last;
  const field = fieldNamed(name);
  if (!field) return { from, words: [] };
  const values = field.values ?? (name === "arg" ? argumentsAt(store, path) : seen(store, name));
  return { from, words: values.map((value) => `${name}${path}${operator}${quoted(value)}`) };
}

function starts(): string[] {
  return fields.map(({ name, operators }) => (name === "arg" ? "arg." : `${name}${operators[0]}`));
}

/** The arguments that calls have had. */
function paths(store: Store): string[] {
  const names = recent(store).flatMap(({ call }) => Object.entries(parsed(call.arguments)));
  const made = names.map(([name, value]) => `arg.${name}${typeof value === "number" ? ">" : ":"}`);
  return [...new Set(made)].filter((each) => /^arg\.[\w-]+[>:]$/.test(each));
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {}; // cut
  }
}

function argumentsAt(store: Store, path: string): string[] {
  const found = recent(store).flatMap(({ call }) => valueAt(call.arguments, path));
  return [...new Set(found)].filter((value) => value.length < 60).slice(-MOST);
}

function quoted(value: string): string {
  return /[\s()"]/.test(value) ? `"${value.replace(/["\\]/g, "\\$&")}"` : value;
}

function recent({ model }: Store) {
  return model.calls.toArray().slice(-RECENT);
}

/** What the calls in view have had there. */
export function seen(store: Store, field: string): string[] {
  const { model } = store;
  const calls = recent(store);
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
