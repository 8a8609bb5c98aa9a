/** What a call was, and why it was decided as it was. */
import type { CallDetail, CallView } from "../../control/protocol.ts";
import { sanitize } from "../../sanitize.ts";
import type { OpenCall } from "../detail.ts";
import { clockMs, latency, number, placeOf } from "../format.ts";
import { type Piece, piece } from "../line.ts";
import type { Tone } from "../paint.ts";
import { cut, width, wrap } from "../text.ts";
import { verdictPiece } from "./calls.ts";
import { pastReasons } from "./past.ts";

/** What the call was and what became of it. */
export function summary(detail: OpenCall, cells: number): Piece[][] {
  const { call } = detail.row;
  const by = call.rule ? `by "${sanitize(call.rule.name, 256)}"` : "";
  const lines: Piece[][] = [
    [piece(sanitize(call.tool, 256), "strong"), piece("  "), verdictPiece(call), piece(` ${by}`)],
  ];
  if (call.would) lines.push(...unenforced(call, call.would, cells));
  if (call.message) lines.push(...message(call.message, cells));
  lines.push([]);
  const facts: [string, string][] = [
    ["time", clockMs(call.time)],
    ["agent", call.agent],
    ["upstream", call.upstream],
    ["session", call.session],
    ...times(detail),
    ["outcome", outcome(call)],
    ["call", call.id],
  ];
  let row: Piece[] = [];
  let used = 0;
  for (const [name, value] of facts) {
    const text = sanitize(value, 256);
    const needs = name.length + 1 + width(text) + 3;
    if (used > 0 && used + needs > cells) {
      lines.push(row);
      [row, used] = [[], 0];
    }
    row.push(piece(`${name} `, "quiet"), piece(`${text}   `));
    used += needs;
  }
  lines.push(row);
  return lines;
}

/** Where its time went. */
function times({ answer, row: { call } }: OpenCall): [string, string][] {
  if (!answer) {
    const took = call.ms === null ? unfinished(call) : latency(call.ms);
    return [["took", took]];
  }
  const { gate, held, server, total } = answer.timing;
  return [
    ["gate", latency(gate)],
    ...(held === null ? [] : [["held", latency(held)] satisfies [string, string]]),
    ["server", server === null ? "never reached" : latency(server)],
    ["in all", latency(total)],
  ];
}

/** Why it went on all the same: an operator let it through, or nothing is enforced. */
function unenforced(
  { verdict: now, rule: by }: CallView,
  { verdict, rule, message: told }: NonNullable<CallView["would"]>,
  cells: number,
): Piece[][] {
  const who = `"${cut(sanitize(rule.name, 256), 60)}" would ${verdict === "deny" ? "deny" : "hold"} it`;
  const why =
    now === "allow" && by !== null
      ? `an operator let it through (${cut(sanitize(by.name, 256), 60)})`
      : "its file only watches (mode: shadow)";
  const text = `${who}, but ${why}`;
  return [...wrap(text, cells).map((text) => [piece(text, "warn")]), ...(told ? message(told, cells) : [])];
}

const MESSAGE_LINES = 6;

function message(text: string, cells: number): Piece[][] {
  const lines = wrap(sanitize(text, 4096), cells);
  // What the agent was told must not push why out of view.
  if (lines.length > MESSAGE_LINES) lines.splice(MESSAGE_LINES - 1, lines.length, "…");
  return lines.map((each) => [piece(each)]);
}

function unfinished({ verdict, outcome }: CallView): string {
  if (outcome !== null) return "unknown";
  return verdict === "ask" ? "held" : "still running";
}

function outcome(call: CallView): string {
  if (call.verdict === "ask" && call.outcome === "lost") return "its gateway ended before anyone answered";
  if (call.verdict === "ask") return "it waits for a person: a approves, d denies, e edits";
  if (call.outcome === null) return "the upstream works on it";
  return {
    ok: "ok",
    denied: "denied",
    input_required: "the server asked for input",
    tool_error: "the tool reported an error",
    error: "JSON-RPC error",
    cancelled: "cancelled by the agent",
    lost: "its server or its gateway ended before it answered",
  }[call.outcome];
}

const MARKS: Record<CallDetail["trace"][number]["outcome"], { mark: string; tone: Tone }> = {
  pass: { mark: "✓", tone: "good" },
  skip: { mark: "-", tone: "quiet" },
  ask: { mark: "?", tone: "warn" },
  deny: { mark: "✗", tone: "bad" },
  error: { mark: "!", tone: "bad" },
};

/** The trace: each rule looked at, each condition with what it found. */
export function reasons(detail: OpenCall, cells: number): Piece[][] {
  const { answer, past, why } = detail;
  if (!answer && past) return pastReasons(past, cells);
  if (!answer)
    return [
      [],
      [
        piece(
          why ? `Trace and result are not to be had: ${sanitize(why, 512)}` : "asking the gateway…",
          why ? "warn" : "quiet",
        ),
      ],
    ];
  const lines: Piece[][] = [[], [piece("Trace", "accent")]];
  if (answer.trace.length === 0) lines.push([piece("  no rule matches this tool", "quiet")]);
  for (const step of answer.trace) {
    const { mark, tone } = MARKS[step.outcome];
    lines.push([
      piece(`  ${mark} ${sanitize(step.rule.name, 256)}`, tone),
      piece(`  ${step.outcome}  ${sanitize(`${step.rule.tool}  ${placeOf(step.rule)}`, 512)}`, "quiet"),
    ]);
    if (step.note)
      for (const text of wrap(sanitize(step.note, 1024), cells - 6))
        lines.push([piece(`      ${text}`, "warn")]);
    for (const condition of step.conditions) lines.push(conditionLine(condition));
  }
  if (answer.counters.length > 0) lines.push([], [piece("Counters", "accent")]);
  for (const counter of answer.counters)
    lines.push([
      piece(`  ${sanitize(counter.name, 512)}  `),
      piece(`${number(counter.before)} + ${number(counter.add)} → `),
      piece(number(counter.after), "strong"),
    ]);
  return lines;
}

type Condition = CallDetail["trace"][number]["conditions"][number];

function conditionLine(condition: Condition): Piece[] {
  const { holds } = condition;
  return [
    piece(holds ? "      ✓ " : "      ✗ ", holds ? "good" : "bad"),
    piece(sanitize(`${condition.path} ${condition.op} `, 512)),
    piece(show(condition.expected), "strong"),
    piece("   actual ", "quiet"),
    piece(shown(condition), holds ? "strong" : "bad"),
    piece(condition.note ? `   ${sanitize(condition.note, 512)}` : "", "quiet"),
  ];
}

/** Counters are decimal text, which is no string to a person. */
function shown({ path, actual }: Condition): string {
  return path.startsWith("state.") && typeof actual === "string"
    ? number(sanitize(actual, 64))
    : show(actual);
}

function show(value: unknown): string {
  return sanitize(value === undefined ? "missing" : JSON.stringify(value), 512);
}
