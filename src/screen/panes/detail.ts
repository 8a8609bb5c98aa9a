import type { CallDetail, CallView } from "../../control/protocol.ts";
import { sanitize, sanitizeLines } from "../../sanitize.ts";
import type { Detail } from "../detail.ts";
import { clockMs, latency, number } from "../format.ts";
import { type Piece, piece } from "../line.ts";
import type { Tone } from "../paint.ts";
import type { Store } from "../store.ts";
import { width, wrap } from "../text.ts";
import { agentDetail } from "./agents.ts";
import { verdictPiece } from "./calls.ts";
import { counterDetail } from "./counters.ts";
import { denialDetail } from "./denials.ts";
import { gatewayDetail } from "./gateways.ts";
import { logDetail } from "./log.ts";
import { NOT_REACHED, pastReasons, pastResult } from "./past.ts";
import { policyDetail } from "./policies.ts";
import { toolDetail } from "./tools.ts";

/** A call as its detail view needs it. */
type OpenCall = Detail & { kind: "call" };

/** The detail of any row but a call's. */
export function otherDetail(store: Store, detail: Exclude<Detail, OpenCall>, cells: number): Piece[][] {
  switch (detail.kind) {
    case "counter":
      return counterDetail(detail.row, store.now());
    case "denial":
      return denialDetail(store, detail.row, cells);
    case "tool":
      return toolDetail(store, detail.row);
    case "agent":
      return agentDetail(store, detail.row);
    case "policy":
      return policyDetail(store, detail.row, cells);
    case "gateway":
      return gatewayDetail(detail.row, store.now());
    case "log":
      return logDetail(store, detail.row, cells);
  }
}

/** What the call was and what became of it. */
export function summary(detail: OpenCall, cells: number): Piece[][] {
  const { call } = detail.row;
  const by = call.rule ? `by "${sanitize(call.rule.name, 256)}"` : "";
  const lines: Piece[][] = [
    [piece(sanitize(call.tool, 256), "strong"), piece("  "), verdictPiece(call), piece(` ${by}`)],
  ];
  if (call.would) lines.push(...shadow(call.would, cells));
  if (call.message) lines.push(...message(call.message, cells));
  lines.push([]);
  const facts: [string, string][] = [
    ["time", clockMs(call.time)],
    ["agent", call.agent],
    ["upstream", call.upstream],
    ["session", call.session],
    ["took", call.ms === null ? (call.verdict === "ask" ? "held" : "still running") : latency(call.ms)],
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

function shadow({ verdict, rule, message: told }: NonNullable<CallView["would"]>, cells: number): Piece[][] {
  const by = `"${sanitize(rule.name, 256)}" would ${verdict === "deny" ? "deny" : "hold"} it, but its file only watches (mode: shadow)`;
  return [...wrap(by, cells).map((text) => [piece(text, "warn")]), ...(told ? message(told, cells) : [])];
}

const MESSAGE_LINES = 6;

function message(text: string, cells: number): Piece[][] {
  const lines = wrap(sanitize(text, 4096), cells);
  // What the agent was told must not push why out of view.
  if (lines.length > MESSAGE_LINES) lines.splice(MESSAGE_LINES - 1, lines.length, "…");
  return lines.map((each) => [piece(each)]);
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
    lost: "the upstream ended",
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
      piece(
        `  ${step.outcome}  ${sanitize(`${step.rule.tool}  ${step.rule.file}:${step.rule.line}`, 512)}`,
        "quiet",
      ),
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
      piece(`${number(counter.before)} + ${number(counter.add)}`, "strong"),
    ]);
  return lines;
}

function conditionLine(condition: CallDetail["trace"][number]["conditions"][number]): Piece[] {
  const { holds } = condition;
  return [
    piece(holds ? "      ✓ " : "      ✗ ", holds ? "good" : "bad"),
    piece(sanitize(`${condition.path} ${condition.op} `, 512)),
    piece(show(condition.expected), "strong"),
    piece("   actual ", "quiet"),
    piece(show(condition.actual), holds ? "strong" : "bad"),
    piece(condition.note ? `   ${sanitize(condition.note, 512)}` : "", "quiet"),
  ];
}

function show(value: unknown): string {
  return sanitize(value === undefined ? "missing" : JSON.stringify(value), 512);
}

/** Laid out once an answer and width: they may be long, and the screen draws 15 times a second. */
const laidOut = new WeakMap<CallDetail, { cells: number; lines: Piece[][] }>();

/** Arguments and result, as JSON text. */
export function payloads(detail: OpenCall, cells: number): Piece[][] {
  const { answer } = detail;
  const had = answer && laidOut.get(answer);
  if (had?.cells === cells) return had.lines;
  const lines = layOut(detail, cells);
  if (answer) laidOut.set(answer, { cells, lines });
  return lines;
}

function layOut({ answer, past, row }: OpenCall, cells: number): Piece[][] {
  const lines: Piece[][] = [
    [],
    [piece("Arguments", "accent")],
    ...json(answer?.arguments ?? past?.arguments ?? row.call.arguments, cells),
  ];
  if (!answer) return past ? [...lines, ...pastResult(past, row.call.verdict === "deny", cells)] : lines;
  const none = row.call.verdict === "deny" ? NOT_REACHED : "  none yet";
  lines.push([], [piece("Result", "accent")]);
  lines.push(...(answer.result === null ? [[piece(none, "quiet")]] : json(answer.result, cells)));
  // Empty until the record is written.
  if (answer.hash) lines.push([], [piece(`audit record ${sanitize(answer.hash, 128)}`, "quiet")]);
  return lines;
}

const KEY = /^(\s*)("(?:[^"\\]|\\.)*")(:)(.*)$/;

function json(text: string, cells: number): Piece[][] {
  return sanitizeLines(text).flatMap((line) => {
    const indent = `  ${/^ */.exec(line)?.[0].slice(0, Math.floor(cells / 2)) ?? ""}`;
    const [first = "", ...more] = wrap(line.trimStart(), Math.max(8, cells - indent.length));
    const key = KEY.exec(first);
    const head = key
      ? [piece(indent + key[2], "accent"), piece(`${key[3]}${key[4]}`)]
      : [piece(indent + first)];
    return [head, ...more.map((rest) => [piece(`${indent}  ${rest}`.slice(0, indent.length + rest.length))])];
  });
}
