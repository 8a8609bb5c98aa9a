import { compile, type Policy } from "../../src/policy/compile/compile.ts";
import { decide, needs } from "../../src/policy/decide.ts";
import { parse } from "../../src/policy/source/parse.ts";
import type { Call, Decision, Problem } from "../../src/policy/types.ts";
import type { JsonObject } from "../../src/wire/json.ts";
import { isObject } from "../../src/wire/json.ts";
import { parseStrict } from "../../src/wire/parse.ts";

export const SEED = `version: "1"
description: "Stripe MCP policies"
tools:
  create_charge:
    rules:
      - name: "max single charge"
        conditions:
          - path: "args.amount"
            op: "lte"
            value: 50000
        on_deny: "Single charge cannot exceed $500.00"
      - name: "daily spend cap"
        conditions:
          - path: "state.create_charge.daily_spend"
            op: "lte"
            value: 1000000
        on_deny: "Daily spending cap of $10,000.00 reached"
        state:
          counter: "daily_spend"
          window: "day"
          increment_from: "args.amount"
`;

/** Compiles texts as files a.yaml, b.yaml, ... */
export function policyOf(...texts: string[]): Policy {
  return compile(
    texts.map((text, i) => {
      const parsed = parse(text, `${String.fromCharCode(97 + i)}.yaml`);
      if (!parsed.ok)
        throw new Error(parsed.problems.map((p) => `${p.line}:${p.col} ${p.message}`).join("\n"));
      return parsed.source;
    }),
  );
}

/** A policy whose tool `t` has rules, each as YAML flow text. */
export function rules(...flow: string[]): string {
  return `version: "1"\ntools:\n  t:\n    rules:\n${flow.map((rule) => `      - ${rule}\n`).join("")}`;
}

export function problemsOf(text: string): readonly Problem[] {
  const parsed = parse(text, "p.yaml");
  return parsed.ok ? [] : parsed.problems;
}

/** Problems as `line:col message | help`. */
export const listed = (text: string): string[] =>
  problemsOf(text).map(({ line, col, message, help }) => `${line}:${col} ${message} | ${help}`);

export function call(tool: string, args: JsonObject | string = {}, more: Partial<Call> = {}): Call {
  const parsed = typeof args === "string" ? parseStrict(args) : args;
  if (!isObject(parsed)) throw new Error("arguments are an object");
  return { tool, args: parsed, upstream: "up", agent: "agent", session: "s1", time: 0, ...more };
}

/**
 * Problems of a text in which each `▸` marks a place where one is expected: `message | help` for those at a mark,
 * and their position before it for the others.
 */
export function listedAtMarks(marked: string): string[] {
  const marks = new Set<string>();
  const lines = marked.split("\n").map((line, i) => {
    const [first = "", ...others] = line.split("▸");
    return others.reduce((plain, part) => {
      marks.add(`${i + 1}:${plain.length + 1}`);
      return plain + part;
    }, first);
  });
  return problemsOf(lines.join("\n")).map(({ line, col, message, help }) => {
    const at = `${line}:${col}`;
    return `${marks.has(at) ? "" : `${at} `}${message} | ${help}`;
  });
}

/** Counters in memory: decides like the gateway does, and applies what an allowed call adds. */
export class Ledger {
  readonly values = new Map<string, bigint>();

  decide(policy: Policy, made: Call): Decision {
    const before = new Map(needs(made, policy).map(({ id }) => [id, this.values.get(id) ?? 0n]));
    const decision = decide(made, policy, before);
    for (const { id, add } of decision.increments) this.values.set(id, (this.values.get(id) ?? 0n) + add);
    return decision;
  }
}

export const judged = (
  policy: Policy,
  tool: string,
  args: JsonObject | string = {},
  more: Partial<Call> = {},
): Decision => new Ledger().decide(policy, call(tool, args, more));
