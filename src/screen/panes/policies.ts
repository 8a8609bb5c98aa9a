import { basename } from "node:path";
import { sanitize } from "../../sanitize.ts";
import { fitColumns } from "../columns.ts";
import { count, number } from "../format.ts";
import type { Rect } from "../layout.ts";
import { type Piece, piece } from "../line.ts";
import type { Tone } from "../paint.ts";
import { ails, type PolicyRow, problemText } from "../policy-rows.ts";
import type { Store } from "../store.ts";
import { width, wrap } from "../text.ts";
import { facts } from "./facts.ts";
import { table, type Values } from "./table.ts";
import { type Names, title } from "./title.ts";

type ColumnId = "mark" | "name" | "note" | "time";

/** The files and plugins that decide, what is wrong with them, and how they were read. */
export function policies(store: Store, rect: Rect, names: Names): string[] {
  const list = store.content().policies;
  const rows = Array.from({ length: list.length }, (_, index) => list.at(index));
  const widest = Math.max(8, ...rows.map((row) => (row ? width(nameOf(row)) : 0)));
  const gap = rect.width < 70 ? 1 : 2;
  const columns = fitColumns<ColumnId>(
    [
      { id: "mark", title: "", min: 1, want: 1 },
      { id: "name", title: "file", min: 8, want: Math.min(widest, Math.floor(rect.width * 0.4)) },
      { id: "note", title: "", min: 12, want: 12, grow: true },
      { id: "time", title: "since", min: 8, want: 8, align: "right" },
    ],
    rect.width - 2,
    gap,
  );
  const values: Values<ColumnId, PolicyRow> = {
    mark: (row) => {
      const { mark, tone } = markOf(row);
      return piece(mark, tone);
    },
    name: (row) => piece(nameOf(row), ails(row) ? "bad" : row.kind === "reload" ? "quiet" : "plain"),
    note: (row) => piece(sanitize(noteOf(row), 512), ails(row) ? "bad" : "quiet"),
    time: (row) => piece(store.time(timeOf(row)), "quiet"),
  };
  const empty = ["No policy: everything is allowed."];
  const head = title(names, [], rect.width);
  return table(store, { pane: "policies", rect, gap, columns, head, list, values, empty });
}

function markOf(row: PolicyRow): { mark: string; tone: Tone } {
  if (row.kind === "reload")
    return row.reload.ok ? { mark: "·", tone: "quiet" } : { mark: "✗", tone: "quiet" };
  if (ails(row)) return { mark: "✗", tone: "bad" };
  if (row.kind === "plugin" && row.plugin.state === "disabled") return { mark: "-", tone: "quiet" };
  return { mark: "✓", tone: "good" };
}

function nameOf(row: PolicyRow): string {
  if (row.kind === "file") return sanitize(basename(row.file), 128);
  if (row.kind === "plugin") return sanitize(row.plugin.name, 128);
  const [first = "none", ...more] = row.files;
  return sanitize(`${basename(first)}${more.length > 0 ? ` +${more.length}` : ""}`, 128);
}

function noteOf(row: PolicyRow): string {
  if (row.kind === "file") {
    const [problem] = row.problems;
    if (problem) return `${problem.line}:${problem.col} ${problem.message}`;
    return `in force, with ${count(row.policy.rules, "rule")} in all`;
  }
  if (row.kind === "plugin") {
    const { state, problems, calls } = row.plugin;
    const [problem] = problems;
    if (problem) return problemText(problem);
    return `plugin, ${state}, asked about ${count(calls, "call")}`;
  }
  const { ok, rules, problem } = row.reload;
  return ok ? `was read: ${count(rules, "rule")} in force` : problem;
}

function timeOf(row: PolicyRow): number {
  if (row.kind === "file") return row.policy.loadedAt;
  return row.kind === "plugin" ? row.plugin.since : row.reload.time;
}

/** Everything about one file, plugin or reading. */
export function policyDetail(store: Store, row: PolicyRow, cells: number): Piece[][] {
  if (row.kind === "reload") {
    const { time, ok, hash, rules, problem } = row.reload;
    return [
      [
        piece(
          ok ? "A reading that came into force" : "A reading that did not come into force",
          ok ? "strong" : "bad",
        ),
      ],
      [],
      ...wrap(sanitize(problem, 2048), cells).map((text) => [piece(text)]),
      ...facts([
        ["when", store.moment(time)],
        ["in force", `${count(rules, "rule")}, policy ${hash.slice(0, 12)}`],
      ]),
    ];
  }
  const { problems } = row.kind === "file" ? row : row.plugin;
  const lines = [
    [piece(nameOf(row), ails(row) ? "bad" : "strong")],
    [],
    ...problems.flatMap((each) => problem(each, cells)),
  ];
  if (row.kind === "plugin") {
    const { file, state, since, calls, hash } = row.plugin;
    lines.push(
      ...facts([
        ["plugin", `${state} since ${store.moment(since)}`],
        ["file", file],
        ["hash", hash],
        ["asked", `about ${count(calls, "call")}`],
      ]),
    );
  } else {
    const { policy, file, cwd } = row;
    const state =
      problems.length > 0 ? "its newest text is not in force; the last good one decides" : "in force";
    lines.push(
      ...facts([
        ["state", state],
        ["file", file],
        ["folder", cwd],
        ["loaded", `${store.moment(policy.loadedAt)}, ${number(policy.reloads)} reloads`],
        ["rules", `${number(policy.rules)} in all files`],
        ["policy", policy.hash],
      ]),
    );
  }
  return [...lines, [], [piece("o opens it in $EDITOR; what is saved decides the next call.", "quiet")]];
}

function problem(each: Parameters<typeof problemText>[0] & { help: string }, cells: number): Piece[][] {
  const help = each.help ? wrap(sanitize(`help: ${each.help}`, 1024), cells - 2) : [];
  return [
    ...wrap(sanitize(problemText(each), 1024), cells).map((text) => [piece(text, "bad")]),
    ...help.map((text) => [piece(`  ${text}`)]),
    [],
  ];
}
