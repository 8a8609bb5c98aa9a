import { gatewayCommands, signature } from "../control/commands.ts";
import type { CounterView, Event, PolicyView, Snapshot } from "../control/protocol.ts";
import type { ControlSource } from "../control/server.ts";
import { formatMicros } from "../policy/counters/decimal.ts";
import { windowText } from "../policy/counters/window.ts";
import type { CounterLimit } from "../policy/types.ts";
import type { CounterValue } from "../state/store.ts";
import { isObject, type JsonObject } from "../wire/json.ts";
import { parseStrict } from "../wire/parse.ts";
import type { Gateway } from "./gateway.ts";

/** Most counters shown. */
const MAX_COUNTERS = 200;
/** Counters are read again at most this often, in ms; other gateways change them too. */
const COUNTERS_EVERY = 250;

/** What a gateway shows on its control socket, and the commands it takes there. */
export class GatewayControl implements ControlSource {
  readonly #gateway: Gateway;
  #countersRead = 0;
  #lastCounters = "";
  #lastDenials = 0;
  #lastHolds = 0;
  #lastUpstreams = "";
  #lastTotals = "";
  #lastOperator = "";

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
  }

  get view() {
    return this.#gateway.view;
  }

  watched(on: boolean): void {
    this.#gateway.history.track(on);
  }

  snapshot(): Snapshot {
    const { history, upstreams } = this.#gateway;
    return {
      policy: this.policy(),
      upstreams,
      totals: { ...history.totals },
      calls: history.calls(),
      counters: this.#counters(),
      denials: history.denials(),
      holds: this.#gateway.holds.list(),
      operator: this.#gateway.operator.view(),
      rate: history.rate(this.#gateway.clock()),
    };
  }

  changes(): Event[] {
    const { history, upstreams } = this.#gateway;
    const events: Event[] = history.takeChanged().map((call) => ({ type: "call", call }));
    if (history.totals.denied !== this.#lastDenials) {
      this.#lastDenials = history.totals.denied;
      events.push({ type: "denials", denials: history.denials() });
    }
    const { holds } = this.#gateway;
    if (holds.version !== this.#lastHolds) {
      this.#lastHolds = holds.version;
      events.push({ type: "holds", holds: holds.list() });
    }
    const operator = this.#gateway.operator.view();
    const operatorNow = JSON.stringify(operator);
    if (operatorNow !== this.#lastOperator) {
      this.#lastOperator = operatorNow;
      events.push({ type: "operator", operator });
    }
    const totals = JSON.stringify(history.totals);
    if (totals !== this.#lastTotals) {
      this.#lastTotals = totals;
      events.push({ type: "totals", totals: { ...history.totals } });
    }
    const upstreamsNow = JSON.stringify(upstreams);
    if (upstreamsNow !== this.#lastUpstreams) {
      this.#lastUpstreams = upstreamsNow;
      events.push({ type: "upstreams", upstreams });
    }
    const now = this.#gateway.clock();
    if (now - this.#countersRead >= COUNTERS_EVERY) {
      this.#countersRead = now;
      const counters = this.#counters();
      const text = JSON.stringify(counters);
      if (text !== this.#lastCounters) events.push({ type: "counters", counters });
      this.#lastCounters = text;
    }
    return events;
  }

  policy(): PolicyView {
    const { current, problems, loadedAt, reloads } = this.#gateway.policies;
    const { files, hash, rules } = current;
    return { files: [...files], hash, loadedAt, reloads, rules, problems: problems.map((p) => ({ ...p })) };
  }

  async command(line: string): Promise<unknown> {
    const { verb, id, rest } = parseCommand(line);
    const { history, holds, operator } = this.#gateway;
    switch (verb) {
      case "snapshot":
        return this.snapshot();
      case "call": {
        const detail = history.detail(id);
        if (detail === null) throw new Error(`There is no call ${id} to show: only the last 1,000 are kept.`);
        return detail;
      }
      case "approve":
        return holds.answer(id, { kind: "approved", edited: null });
      case "deny":
        return holds.answer(id, { kind: "denied", message: rest === "" ? null : rest });
      case "edit":
        return holds.answer(id, { kind: "approved", edited: argumentsFrom(rest) });
      case "reload":
        return this.#reload();
      case "kill":
        return this.#kill();
      case "unkill":
        operator.unkill();
        return "the policy decides again";
      case "block":
        return operator.block(`${id} ${rest}`.trim());
      case "unblock":
        return operator.unblock(id);
      default:
        throw new Error(`There is no command ${JSON.stringify(verb)}: expected ${COMMANDS}.`);
    }
  }

  #reload(): string {
    const { policies } = this.#gateway;
    policies.reload();
    const [problem] = policies.problems;
    if (problem === undefined) return `${policies.current.rules} rules decide, as the files say now`;
    const { file, line, col, message, help } = problem;
    throw new Error(`${file}:${line}:${col} ${message} (help: ${help}); the last good policy decides`);
  }

  /** First the switch, then those that wait: none can slip through in between. */
  #kill(): string {
    const { operator, holds } = this.#gateway;
    operator.kill();
    const held = holds.list();
    for (const { id } of held)
      holds.answer(id, { kind: "denied", message: "An operator has stopped all calls." });
    const those = held.length > 0 ? `, and the ${held.length} held ones were denied` : "";
    return `every call is denied from now on${those}; unkill takes it back`;
  }

  #counters(): CounterView[] {
    const { store, policies } = this.#gateway;
    const now = this.#gateway.clock();
    const limits = new Map<string, CounterLimit>();
    for (const limit of policies.current.limits) {
      const key = limitKey(limit);
      const known = limits.get(key);
      if (known === undefined || limit.limit < known.limit) limits.set(key, limit);
    }
    let values: CounterValue[] = [];
    this.#gateway.attempt(() => {
      values = store.list(now, MAX_COUNTERS);
    });
    const own = new Set(this.#gateway.upstreams.map((u) => u.name));
    // Budgets are of no upstream: those are shown that this policy limits.
    const isOurs = (value: CounterValue) =>
      value.upstream === "" ? limits.has(limitKey(value)) : own.has(value.upstream);
    return values.filter(isOurs).map((value) => {
      const limit = limits.get(limitKey(value))?.limit ?? null;
      return {
        upstream: value.upstream,
        scope: value.scope,
        counter: value.counter,
        window: windowText(value.window),
        partition: value.partition,
        used: formatMicros(value.used),
        limit: limit === null ? null : formatMicros(limit),
        fraction: limit === null ? null : limit > 0n ? Number(value.used) / Number(limit) : 1,
        resetsAt: value.resetsAt,
      };
    });
  }
}

function limitKey({ scope, counter, window }: Pick<CounterLimit, "scope" | "counter" | "window">): string {
  return JSON.stringify([scope, counter, windowText(window)]);
}

const COMMANDS = gatewayCommands.map(signature).join(", ");

/** A command is a verb, mostly an id, and whatever follows. */
function parseCommand(line: string): { verb: string; id: string; rest: string } {
  const [, verb = "", id = "", rest = ""] = /^\s*(\S*)\s*(\S*)\s*([\s\S]*?)\s*$/.exec(line) ?? [];
  return { verb, id, rest };
}

/** @throws Error saying where the JSON is wrong */
function argumentsFrom(text: string): JsonObject {
  const value = parseStrict(text);
  if (!isObject(value)) throw new Error("The arguments must be a JSON object.");
  return value;
}
