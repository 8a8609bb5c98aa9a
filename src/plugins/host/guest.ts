import type { CallContext, Command, Context, Json, LocalTime, ResultContext } from "../api.ts";
import type { Realm } from "./realm.ts";

/** What the host asks of the plugin in an isolate. The text is JSON both ways. */
export type Dispatch = (hook: string, text: string, namespace?: { readonly default?: unknown }) => string;

/**
 * Makes the one function through which the host speaks with a plugin. It never throws by itself, and whatever the
 * plugin threw or returned has become text before it comes back: turning it into text runs the plugin's code, and
 * only in here does the clock of the call still tick for that.
 *
 * Runs inside the isolate, where its source text is evaluated: it can use nothing from outside itself.
 */
export function makeDispatch(
  realm: Realm,
  showTime: (now: number, zone: string) => LocalTime,
  makeRedact: (result: Json) => ResultContext["redact"],
): Dispatch {
  const HOOKS = ["onCall", "onResult", "onTools"] as const;
  const KEYS = ["name", "description", "config", "counters", "commands", ...HOOKS];
  const MAX_ANSWER = 32 * 1024 * 1024;
  const MAX_TEXT = 2_000;
  const MAX_USES = 100;

  type Method = (...args: unknown[]) => unknown;
  let plugin: object = {};
  let commands: Readonly<Record<string, Command>> = {};
  let windows: object = {};
  let config: Context["config"] | null = null;
  let zone = "UTC";
  const methods = new Map<string, Method>();

  const clip = (value: unknown) => String(value).slice(0, MAX_TEXT);
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null && !Array.isArray(value);

  /** Reads the plugin's default export once, so that nothing in it can change its face later. */
  function load(exported: unknown): unknown {
    if (!isObject(exported)) return { missing: exported === undefined };
    plugin = exported;
    const given: Record<string, unknown> = {};
    for (const key of KEYS) given[key] = exported[key];
    for (const hook of HOOKS) {
      const method = given[hook];
      if (typeof method === "function") methods.set(hook, method as Method);
    }
    if (isObject(given.commands)) commands = { ...given.commands } as typeof commands;
    if (isObject(given.counters)) windows = { ...given.counters };
    realm.harden([plugin, commands, windows]);
    return {
      name: given.name,
      description: given.description,
      config: given.config,
      counters: given.counters,
      hooks: HOOKS.filter((hook) => given[hook] !== undefined),
      broken: HOOKS.filter((hook) => given[hook] !== undefined && typeof given[hook] !== "function"),
      commands: Object.entries(commands).map(([name, command]) => ({
        name,
        help: command?.help,
        runs: typeof command?.run === "function",
      })),
      unknown: Object.keys(exported).filter((key) => !KEYS.includes(key)),
    };
  }

  function baseContext(): Context {
    if (config === null) throw new Error("it has not been given its settings");
    return {
      config,
      now: realm.now(),
      get time() {
        return showTime(realm.now(), zone);
      },
      timeIn: (other) => showTime(realm.now(), other),
      random: realm.random,
      log: (...values) => realm.note(values),
    };
  }

  /** JSON in which the order of an object's members makes no difference. */
  const canonical = (value: unknown) =>
    JSON.stringify(value, (_key, each: unknown) =>
      isObject(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))) : each,
    );

  interface Use {
    readonly name: string;
    readonly key: string;
    readonly adds: number[];
  }

  function counters(known: Readonly<Record<string, number>>, uses: Map<string, Use>): CallContext["counter"] {
    return (name, ...parts) => {
      if (!Object.hasOwn(windows, name))
        throw new RangeError(`counter ${clip(name)} is not declared in counters`);
      const key = canonical(parts);
      const id = `${name} ${key}`;
      const use = uses.get(id) ?? { name, key, adds: [] };
      if (uses.size >= MAX_USES) throw new RangeError(`a call reads at most ${MAX_USES - 1} counters`);
      uses.set(id, use);
      return {
        value: Object.hasOwn(known, id) ? (known[id] ?? 0) : 0,
        add(amount = 1) {
          if (typeof amount !== "number" || !Number.isFinite(amount) || amount < 0) {
            throw new RangeError(`counter ${name} cannot add ${clip(amount)}: amounts are numbers from 0`);
          }
          if (use.adds.length >= MAX_USES)
            throw new RangeError(`counter ${name} is added to at most ${MAX_USES} times`);
          use.adds.push(amount);
        },
      };
    };
  }

  /** Where in its own file the plugin asked for this verdict. */
  const here = () => clip(new Error("here").stack);
  const verdictOf = (verdict: string) => (message: unknown, evidence?: unknown) => {
    return {
      verdict,
      message: clip(message),
      ...(evidence === undefined ? {} : { evidence }),
      stack: here(),
    };
  };
  const deny = verdictOf("deny");
  const ask = verdictOf("ask");
  const block = verdictOf("block");
  const edit = (args: unknown) => ({ verdict: "edit", args });
  const replace = (result: unknown) => ({ verdict: "replace", result });
  // One for all calls: nothing can be left on them for the next.
  realm.harden([deny, ask, block, edit, replace]);

  /** What the gateway sends with a hook; the members that the hook takes are there. */
  interface Input {
    readonly now: number;
    readonly call?: Json;
    readonly result?: Json;
    readonly tools?: Json;
    readonly name?: string;
    readonly words?: readonly string[];
    readonly known?: Readonly<Record<string, number>>;
  }

  function run(hook: string, input: Input, uses: Map<string, Use>): unknown {
    const { call, result = null, tools, words = [], known = {}, name = "" } = input;
    const method = methods.get(hook);
    const base = baseContext();
    if (hook === "onCall") {
      return method?.call(plugin, call, Object.assign(counting(base, known, uses), { deny, ask, edit }));
    }
    if (hook === "onResult") {
      return method?.call(
        plugin,
        call,
        result,
        Object.assign(base, { replace, redact: makeRedact(result), block }),
      );
    }
    if (hook === "onTools") return method?.call(plugin, tools, base);
    if (!Object.hasOwn(commands, name)) throw new RangeError(`there is no command ${clip(name)}`);
    return commands[name]?.run(words, counting(base, known, uses));
  }

  /** The context with counters; `time` stays computed only where it is read. */
  const counting = (base: Context, known: Readonly<Record<string, number>>, uses: Map<string, Use>) =>
    Object.assign(base, { counter: counters(known, uses) });

  /** The answer's text, or what is wrong with the answer. */
  function written(value: unknown): string {
    if (value === undefined) return "{}";
    if (value !== null && (typeof value === "object" || typeof value === "function") && "then" in value) {
      return '{"malformed":"it answered with a promise, and hooks are synchronous"}';
    }
    const text = JSON.stringify({ value });
    if (text === "{}") return `{"malformed":"it answered with a ${typeof value}"}`;
    return text.length <= MAX_ANSWER ? text : '{"malformed":"its answer is too long"}';
  }

  function described(error: unknown): string {
    const read = (get: () => unknown): string => {
      try {
        const value = get();
        return typeof value === "string" ? clip(value) : "";
      } catch {
        return "";
      }
    };
    if ((typeof error !== "object" && typeof error !== "function") || error === null) {
      return JSON.stringify({
        name: "",
        message: clip(typeof error === "string" ? JSON.stringify(error) : error),
        stack: "",
      });
    }
    const thrown = error as { readonly name?: unknown; readonly message?: unknown; readonly stack?: unknown };
    const name = read(() => thrown.name);
    return JSON.stringify({ name, message: read(() => thrown.message), stack: read(() => thrown.stack) });
  }

  return (hook, text, namespace) => {
    const uses = new Map<string, Use>();
    let body: string;
    try {
      if (hook === "load") {
        realm.begin(0, "");
        body = written(load(namespace?.default));
      } else if (hook === "configure") {
        const given = JSON.parse(text);
        realm.harden(given);
        config = given.config;
        zone = given.timezone;
        showTime(0, zone); // the first time takes long: here, where no call waits
        return "{}";
      } else {
        const input: Input = JSON.parse(text);
        realm.begin(input.now, text);
        body = written(run(hook, input, uses));
      }
    } catch (error) {
      body = `{"error":${described(error)}}`;
    }
    const lines = realm.lines();
    if (lines.length === 0 && uses.size === 0) return body;
    const extra = JSON.stringify({ lines, uses: [...uses.values()] }).slice(1);
    return body === "{}" ? `{${extra}` : `${body.slice(0, -1)},${extra}`;
  };
}
