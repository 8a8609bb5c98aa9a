/** What `tameRealm` hands to the dispatcher. No plugin can reach it. */
export interface Realm {
  /** Sets the clock (ms since the epoch) and what random numbers follow from, and empties the log. */
  begin(now: number, seed: string): void;
  now(): number;
  random(): number;
  /** Notes a line; what is beyond the limits is left out. */
  note(values: readonly unknown[]): void;
  lines(): readonly string[];
  /** Freezes a value and everything that can be reached from it. */
  harden(value: unknown): void;
}

/**
 * Makes a fresh realm fit for a plugin: takes away what computes from text, from memory shared with others or from
 * garbage collection; puts clock, chance and console in the hands of the host; freezes all that is left, so that no
 * call leaves anything behind in it.
 *
 * Runs inside the isolate, where its source text is evaluated: it can use nothing from outside itself.
 */
export function tameRealm(): Realm {
  const MAX_LINES = 20;
  const MAX_LINE = 500;
  const global: Record<PropertyKey, unknown> & object = globalThis;
  let time = 0;
  let seed = "";
  let state: number | null = null;
  let lines: string[] = [];

  function remove(): void {
    const gone = [
      "WebAssembly",
      "SharedArrayBuffer",
      "Atomics",
      "eval",
      "Function",
      "WeakRef",
      "FinalizationRegistry",
    ];
    for (const name of [...gone, "Temporal", "ShadowRealm", "console"]) delete global[name];
    // The constructors of functions compile text as well, and every function leads to one of them.
    for (const sample of [() => {}, async () => {}, function* () {}, async function* () {}]) {
      Object.defineProperty(Object.getPrototypeOf(sample), "constructor", { value: undefined });
    }
    // RegExp.$1 and its like remember the last match of whoever came before.
    for (const key of Object.getOwnPropertyNames(RegExp)) {
      if (!["length", "name", "prototype", "escape"].includes(key)) Reflect.deleteProperty(RegExp, key);
    }
  }

  function stopClock(): void {
    const RealDate = Date;
    function stoppedDate(...args: unknown[]): unknown {
      if (new.target === undefined) return new RealDate(time).toString();
      return Reflect.construct(RealDate, args.length === 0 ? [time] : args, new.target);
    }
    Object.defineProperties(stoppedDate, {
      name: { value: "Date" },
      length: { value: 7 },
      prototype: { value: RealDate.prototype, writable: false },
      now: { value: () => time },
      parse: { value: RealDate.parse },
      UTC: { value: RealDate.UTC },
    });
    Object.defineProperty(RealDate.prototype, "constructor", { value: stoppedDate });
    Object.defineProperty(global, "Date", { value: stoppedDate });

    // Both take the present where no date is given.
    const proto = Intl.DateTimeFormat.prototype;
    const format = Object.getOwnPropertyDescriptor(proto, "format")?.get;
    const toParts = proto.formatToParts;
    Object.defineProperty(proto, "format", {
      get(this: Intl.DateTimeFormat) {
        const real = format?.call(this);
        return (date?: Date | number) => real?.(date === undefined ? time : date);
      },
    });
    Object.defineProperty(proto, "formatToParts", {
      value(this: Intl.DateTimeFormat, date?: Date | number) {
        return toParts.call(this, date === undefined ? time : date);
      },
    });
  }

  /** Patterns that remember where their last match in this call ended. */
  const matched = new Set<RegExp>();

  /**
   * A pattern with `g` or `y` goes on where it stopped. In this call only: else `if (BAD.test(text)) return deny` would
   * let every second call through.
   */
  function watchPatterns(): void {
    const { exec } = RegExp.prototype;
    const watched = {
      exec(this: RegExp, text: string) {
        if (this.global || this.sticky) matched.add(this);
        return exec.call(this, text);
      },
    };
    Object.defineProperty(RegExp.prototype, "exec", { value: watched.exec });
  }

  function forgetMatches(): void {
    for (const pattern of matched) Reflect.set(pattern, "lastIndex", 0);
    matched.clear();
  }

  /** mulberry32, started from a hash (FNV-1a) of the call. */
  function random(): number {
    if (state === null) {
      state = 0x811c9dc5;
      for (let i = 0; i < seed.length; i++) state = Math.imul(state ^ seed.charCodeAt(i), 0x01000193);
    }
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  function note(values: readonly unknown[]): void {
    if (lines.length >= MAX_LINES) return;
    const show = (value: unknown) => {
      if (typeof value === "string") return value;
      try {
        return JSON.stringify(value) ?? String(value);
      } catch {
        return typeof value === "bigint" ? `${value}n` : "(what cannot be shown)";
      }
    };
    lines.push(values.map(show).join(" ").slice(0, MAX_LINE));
  }

  /** `this.message = ...` and `counts.constructor = ...` must work although what they shadow is frozen. */
  function letShadow(proto: object): void {
    for (const key of Reflect.ownKeys(proto)) {
      const was = Object.getOwnPropertyDescriptor(proto, key);
      if (was === undefined || !("value" in was) || !was.configurable) continue;
      Object.defineProperty(proto, key, {
        get: () => was.value,
        set(this: object, value: unknown) {
          if (this === proto) throw new TypeError(`Cannot assign to ${String(key)} of a frozen prototype`);
          Object.defineProperty(this, key, { value, writable: true, enumerable: true, configurable: true });
        },
        enumerable: false,
        configurable: false,
      });
    }
  }

  const seen = new WeakSet<object>();
  function harden(root: unknown): void {
    const todo: unknown[] = [root];
    while (todo.length > 0) {
      const value = todo.pop();
      if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value))
        continue;
      seen.add(value);
      // The elements of a typed array cannot be frozen, only its shape.
      if (ArrayBuffer.isView(value)) Object.preventExtensions(value);
      else Object.freeze(value);
      todo.push(Object.getPrototypeOf(value));
      for (const key of Reflect.ownKeys(value)) {
        const member = Object.getOwnPropertyDescriptor(value, key);
        todo.push(member?.value, member?.get, member?.set);
      }
    }
  }

  /** What syntax and methods give and no global leads to. */
  function hidden(): unknown[] {
    const segments = new Intl.Segmenter().segment("");
    return [
      ...[() => {}, async () => {}, function* () {}, async function* () {}],
      ...[[].values(), new Map().entries(), new Set().values(), "".matchAll(/x/g), ""[Symbol.iterator]()],
      ...[[].values().map(() => 0), Iterator.from({ next: () => ({ done: true, value: 0 }) })],
      ...[segments, segments[Symbol.iterator]()],
    ];
  }

  remove();
  stopClock();
  watchPatterns();
  Object.defineProperty(Math, "random", { value: random });
  const log = (...values: unknown[]) => note(values);
  Object.defineProperty(global, "console", { value: { log, info: log, warn: log, error: log, debug: log } });
  const errors = [
    Error,
    AggregateError,
    EvalError,
    RangeError,
    ReferenceError,
    SyntaxError,
    TypeError,
    URIError,
  ];
  for (const { prototype } of [Object, ...errors, SuppressedError]) letShadow(prototype);
  harden(hidden());
  harden(globalThis);

  return {
    begin(now, text) {
      time = now;
      seed = text;
      state = null;
      lines = [];
      forgetMatches();
    },
    now: () => time,
    random,
    note,
    lines: () => lines,
    harden,
  };
}
