import type { AuditRecord } from "../audit/record.ts";
import { PLUGIN_SCOPE } from "../plugins/readings.ts";
import { decimalFromText } from "../policy/counters/decimal.ts";
import { parseWindow, windowText } from "../policy/counters/window.ts";
import type { Policy } from "../policy/plan.ts";
import type { Call, CounterNeed, Verdict } from "../policy/types.ts";
import { isObject, type JsonObject } from "../wire/json.ts";
import type { FlipGroup } from "./flips.ts";
import { type Watched, watchHashed, watchMasked, watchNothing } from "./unknown.ts";

export type CallRecord = Extract<AuditRecord, { kind: "call" }>;

/** Annotations that are kept apart; a server has fewer tools. */
const KNOWN_ANNOTATIONS = 5_000;

/** Gives recorded calls back as the gateway saw them. */
export class CallReader {
  /** By their text: plans are kept for as long as a tool's annotations are the same object. */
  readonly #annotations = new Map<string, JsonObject>();

  read(record: CallRecord): { call: Call; watched: Watched } {
    const { tool, upstream, agent, session, arrived: time, target: kind } = record;
    const watched = watchedArguments(record);
    const annotations = this.#same(record.annotations);
    return { call: { tool, args: watched.args, upstream, agent, session, time, annotations, kind }, watched };
  }

  #same(annotations: JsonObject | null): JsonObject | null {
    if (annotations === null) return null;
    const text = JSON.stringify(annotations);
    const known = this.#annotations.get(text);
    if (known !== undefined) return known;
    if (this.#annotations.size >= KNOWN_ANNOTATIONS) this.#annotations.clear();
    this.#annotations.set(text, annotations);
    return annotations;
  }
}

function watchedArguments({ recorded, arguments: args }: CallRecord): Watched {
  if (recorded === "hash" || !isObject(args)) return watchHashed();
  return recorded === "masked" ? watchMasked(args) : watchNothing(args);
}

/** Whether an operator let the call through, whatever the policy said. */
export const byOperator = ({ verdict, rule }: Pick<CallRecord, "verdict" | "rule">): boolean =>
  verdict === "allow" && rule !== null && rule.line === 0;

/** What the policy said of a recorded call, whether or not it was enforced. */
export function verdictOf(record: Pick<CallRecord, "verdict" | "rule" | "shadow" | "would">): Verdict {
  const { verdict, shadow, would } = record;
  return shadow || byOperator(record) ? (would?.verdict ?? verdict) : verdict;
}

/** The rule that named that verdict, and what it said; of one that was not enforced only the name is recorded. */
export function reasonOf({
  rule,
  message,
  would,
}: CallRecord): Pick<FlipGroup, "rule"> & { message: string } {
  if ((rule !== null && rule.line !== 0) || would === null) return { rule, message };
  return { rule: { name: would.rule, tool: "", file: "", line: 0 }, message: would.message };
}

/** What a recorded call added to counters that a policy has as well, and to those of plugins. */
export function recordedAdds({ counters }: CallRecord, call: Call, policy: Policy): CounterNeed[] {
  const declared = policy.plan(call).counters.map(({ counter }) => counter);
  return counters.flatMap(({ id, add }): CounterNeed[] => {
    const [upstream = "", scope, name, window, partition = ""] = partsOf(id);
    const micros = decimalFromText(add, true);
    if (typeof micros !== "bigint" || scope === undefined || name === undefined) return [];
    if (scope.startsWith(PLUGIN_SCOPE)) {
      return [
        { id, upstream, scope, counter: name, window: parseWindow(window ?? ""), partition, add: micros },
      ];
    }
    const found = declared.find(
      (each) => each.scope === scope && each.name === name && windowText(each.window) === window,
    );
    if (found === undefined) return [];
    const { window: over, refundOnError } = found;
    const need = {
      id,
      upstream,
      scope: found.scope,
      counter: found.name,
      window: over,
      partition,
      add: micros,
    };
    return [refundOnError ? { ...need, refundOnError } : need];
  });
}

/** What `counterId` put together; nothing where it is not one's text. */
function partsOf(id: string): string[] {
  try {
    const parts: unknown = JSON.parse(id);
    return Array.isArray(parts) ? parts.map(String) : [];
  } catch {
    return [];
  }
}
