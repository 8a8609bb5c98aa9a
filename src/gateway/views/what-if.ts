import { setImmediate as turn } from "node:timers/promises";
import type { Flip, WhatIf } from "../../control/protocol.ts";
import { judgeCall } from "../../judging/judge-call.ts";
import { atZero, Recollection } from "../../judging/rehearsing.ts";
import { PLAIN_TERMS } from "../../judging/rule.ts";
import type { Ruleset } from "../../judging/ruleset.ts";
import { ruleKey } from "../../policy/judge.ts";
import { type CallEntry, view } from "../history/call-entry.ts";
import type { Facts } from "../history/facts.ts";

/** Calls that are decided again where nobody says how many. */
export const RECENT = 200;
/** Most flips that are told one by one. */
const MAX_FLIPS = 100;
/** How long traffic may wait for this, in ms. */
const SLICE_MS = 4;

/**
 * Decides calls again under other rules, each on the counters that it saw, and tells what would be otherwise. In
 * small slices: calls that come meanwhile go first.
 *
 * @param entries oldest first
 * @param stopped whether nobody wants to know any more
 */
export async function whatIf(
  entries: readonly CallEntry[],
  ruleset: Ruleset,
  stopped: () => boolean = () => false,
): Promise<Omit<WhatIf, "under" | "time"> | null> {
  const recollection = new Recollection();
  const found = { calls: 0, wouldDeny: 0, wouldAllow: 0, wouldAsk: 0, unknown: 0, flips: [] as Flip[] };
  let began = performance.now();
  for (const entry of entries) {
    if (performance.now() - began > SLICE_MS) {
      await turn();
      began = performance.now();
    }
    if (stopped()) return null;
    const { facts } = entry;
    if (facts === null) found.unknown++;
    if (facts === null || facts.said === null) continue;
    found.calls++;
    const terms = { ...PLAIN_TERMS, approved: approvedOf(facts, ruleset), final: facts.approved.size > 0 };
    const counters = facts.uncounted ? atZero : recollection.of(facts.before);
    const { decision } = await judgeCall(facts.call, ruleset, counters, terms);
    const [from, to] = [facts.said.verdict, decision.verdict];
    if (from === to) continue;
    found[COUNT_OF[to]]++;
    // What is allowed now has no rule of its own to name.
    const { rule, message } = to === "allow" ? facts.said : decision;
    if (found.flips.length < MAX_FLIPS) found.flips.push({ call: view(entry), from, to, rule, message });
  }
  return found;
}

/** The rules that a person said yes to: a draft has them in a file of another name. */
function approvedOf({ call, approved }: Facts, { policy }: Ruleset): ReadonlySet<string> {
  if (approved.size === 0) return approved;
  const nameOf = (key: string) => JSON.stringify(JSON.parse(key).slice(1));
  const named = new Set([...approved].map(nameOf));
  const keys = policy.plan(call).rules.map(({ ref }) => ruleKey(ref));
  return new Set([...approved, ...keys.filter((key) => named.has(nameOf(key)))]);
}

const COUNT_OF = { deny: "wouldDeny", allow: "wouldAllow", ask: "wouldAsk" } as const;
