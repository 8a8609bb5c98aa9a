/** The live data as expressions see it: plain, and named as people name it. */
import type { CallView } from "../../control/protocol.ts";
import type { Content } from "../content.ts";
import type { List } from "../ring.ts";

/** What can be named in an expression, and what it is. */
export const NAMES = {
  calls: "the calls in view, oldest first",
  counters: "counters and budgets",
  agents: "agents and their sessions",
  rules: "rules that denied something, and how often",
  tools: "tools, and how they did",
  _: "the last value",
} as const;

export function liveData({ calls, counters, agents, denials, tools }: Content): Record<string, unknown> {
  return {
    calls: all(calls).map(({ gateway, call }) => ({ gateway, ...callData(call) })),
    counters: all(counters).map(({ key: _, used, limit, upstream, ...counter }) => ({
      server: upstream,
      ...counter,
      used: Number(used),
      limit: limit === null ? null : Number(limit),
    })),
    agents: all(agents).map(({ key: _, upstream, ...agent }) => ({ server: upstream, ...agent })),
    rules: all(denials).map(({ rule, count, lastTime, lastMessage }) => ({
      ...rule,
      denied: count,
      lastTime,
      lastMessage,
    })),
    tools: all(tools).map(({ key: _, upstream, ...tool }) => ({ server: upstream, ...tool })),
  };
}

function callData({ upstream, arguments: args, verdict, rule, would, ...call }: CallView) {
  return {
    ...call,
    server: upstream,
    args: parsed(args),
    verdict,
    allowed: verdict === "allow",
    denied: verdict === "deny",
    held: verdict === "ask",
    rule: rule?.name ?? null,
    would: would === null ? null : { verdict: would.verdict, rule: would.rule.name },
  };
}

/** Arguments, of which only the beginning is known where they are long: then their text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function all<T>(list: List<T>): T[] {
  return Array.from({ length: list.length }, (_, i) => list.at(i)).filter((each) => each !== undefined);
}
