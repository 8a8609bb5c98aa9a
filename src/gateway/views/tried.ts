import { mask } from "../../audit/mask.ts";
import { ARGUMENTS_PREVIEW, type CallDetail } from "../../control/protocol.ts";
import type { Ruling } from "../../judging/rule.ts";
import { formatMicros } from "../../policy/counters/decimal.ts";
import { counterName, cut } from "../history/call-entry.ts";

/** A call that was decided and nothing else, as if it were one that happened. */
export function tried({ call, decision, before }: Pick<Ruling, "call" | "decision" | "before">): CallDetail {
  const { tool, agent, session, upstream, time } = call;
  const { verdict, rule, message, would, trace, increments } = decision;
  const args = mask(call.args);
  const text = JSON.stringify(args);
  const preview = cut(text, ARGUMENTS_PREVIEW);
  const is = { classes: [], verdict, rule, message, would, outcome: null, ms: null };
  return {
    call: { id: "", tool, agent, session, upstream, time, arguments: preview, ...is },
    arguments: JSON.stringify(args, null, 2),
    trace: trace.map((each) => ({ ...each, conditions: each.conditions.map((c) => ({ ...c })) })),
    counters: increments.map((need) => {
      const stood = before.get(need.id) ?? 0n;
      const { add } = need;
      return {
        name: counterName(need),
        before: formatMicros(stood),
        add: formatMicros(add),
        after: formatMicros(stood + add),
      };
    }),
    result: null,
    size: { arguments: text.length, result: 0 },
    timing: { gate: 0, held: null, server: null, total: 0 },
    hash: "",
  };
}
