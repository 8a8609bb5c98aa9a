import { styleText } from "node:util";
import type { Ruling } from "../judging/rule.ts";
import { formatMicros } from "../policy/counters/decimal.ts";
import { FOUND } from "../policy/judge.ts";
import type { ResultDecision } from "../policy/results/decide-result.ts";
import type { ConditionTrace, Decision, RuleTrace } from "../policy/types.ts";
import { sanitize } from "../sanitize.ts";

type Style = Parameters<typeof styleText>[0];

const MARKS: Record<RuleTrace["outcome"], readonly [mark: string, style: Style]> = {
  pass: ["✓", "green"],
  skip: ["-", "dim"],
  ask: ["?", "yellow"],
  deny: ["✗", "red"],
  error: ["!", "red"],
};

const VERDICTS: Record<Decision["verdict"] | ResultDecision["verdict"], Style> = {
  allow: "green",
  ask: "yellow",
  redact: "yellow",
  replace: "yellow",
  deny: "red",
};

/** Longest value shown of what a condition compared. */
const LONGEST = 120;

/** A decision for people: what was decided and by what, then each rule with each of its conditions. */
export function traceLines(
  { call, edited, decision }: Pick<Ruling, "call" | "edited" | "decision">,
  result: ResultDecision | null,
  color: boolean,
): string[] {
  const paint = (style: Style, text: string) =>
    color ? styleText(style, text, { validateStream: false }) : text;
  const lines = [...headline(decision, call.tool, paint), ...rules(decision.trace, paint)];
  if (edited) lines.push(`  ${paint("dim", "goes on with")} ${sanitize(JSON.stringify(call.args))}`);
  for (const { scope, counter, add } of decision.increments) {
    lines.push(`  ${paint("dim", `adds ${formatMicros(add)} to`)} ${sanitize(`state.${scope}.${counter}`)}`);
  }
  if (result !== null) {
    lines.push("", ...headline(result, "its result", paint), ...rules(result.trace, paint));
    if (result.verdict === "redact" || result.verdict === "replace")
      lines.push(`  ${sanitize(JSON.stringify(result.result))}`);
  }
  return lines;
}

type Paint = (style: Style, text: string) => string;

function headline(
  { verdict, rule, message, would }: Decision | ResultDecision,
  what: string,
  paint: Paint,
): string[] {
  const by = rule === null ? "" : ` by "${rule.name}" (${rule.file}:${rule.line})`;
  const lines = [`${paint(VERDICTS[verdict], verdict.toUpperCase())} ${sanitize(`${what}${by}`)}`];
  if (message !== "") lines.push(`  ${sanitize(message)}`);
  if (would !== null) {
    const { name, file, line } = would.rule;
    lines.push(
      paint("yellow", sanitize(`  would ${would.verdict} by "${name}" (${file}:${line}): ${would.message}`)),
    );
  }
  return lines;
}

function rules(trace: readonly RuleTrace[], paint: Paint): string[] {
  if (trace.length === 0) return [paint("dim", "  no rule is for it")];
  return trace.flatMap(({ rule, outcome, conditions, note, shadow }) => {
    const [mark, style] = MARKS[outcome];
    const where = paint(
      "dim",
      sanitize(`${rule.tool}  ${rule.file}:${rule.line}${shadow ? "  (shadow)" : ""}`),
    );
    const head = `  ${paint(style, `${mark} ${outcome.padEnd(5)}`)} ${sanitize(rule.name)}  ${where}`;
    const why = note === undefined ? [] : [paint("yellow", sanitize(`      ${note}`))];
    return [head, ...why, ...conditions.map((condition) => conditionLine(condition, paint))];
  });
}

function conditionLine({ path, op, expected, actual, holds, note }: ConditionTrace, paint: Paint): string {
  if (op === FOUND) return `      ${paint("dim", "·")} ${sanitize(`${path} ${shown(actual)}`)}`;
  const mark = holds ? paint("green", "✓") : paint("red", "✗");
  const wanted = sanitize(`${path} ${op} ${shown(expected)}`);
  const why = note === undefined ? "" : paint("dim", sanitize(` (${note})`));
  return `      ${mark} ${wanted}${paint("dim", ", is ")}${sanitize(shown(actual))}${why}`;
}

function shown(value: unknown): string {
  const text = value === undefined ? "missing" : (JSON.stringify(value) ?? "missing");
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
