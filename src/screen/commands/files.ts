/** Files: the policy in the person's editor, and the calls in a file of their own. */
import { writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { matcher } from "../../control/filter/match.ts";
import { parseFilter } from "../../control/filter/parse.ts";
import { savedLine } from "../../control/past/load.ts";
import type { RuleRef } from "../../policy/types.ts";
import type { Command } from "../command.ts";
import { pointed } from "../detail.ts";
import { editFile } from "../editor.ts";
import { count } from "../format.ts";
import type { PolicyRow } from "../policy-rows.ts";
import type { Store } from "../store.ts";

export const fileCommands: readonly Command[] = [
  {
    name: "open",
    args: "[POLICY]",
    help: "a policy in $VISUAL or $EDITOR: at the rule of the chosen call or denial, or the file named",
    run(store, file) {
      const place = file === "" ? ruleInView(store) : { file, line: 1 };
      if (!place) return "no policy is in force: name a file, as in open policy.yaml";
      if (place.line === 0) return `${place.file} wrote this rule itself: there is no file to open`;
      const { cwd } = gatewayWith(store, place.file)?.view ?? { cwd: process.cwd() };
      void editFile(store, resolve(cwd, expand(place.file)), place.line).catch((error: Error) =>
        store.notice(error.message),
      );
      return null;
    },
  },
  {
    name: "save",
    args: "FILE [FILTER]",
    help: "writes the calls in view, or those a filter names, to a new file, one JSON object a line; load reads it",
    run(store, argument) {
      const [, file = "", text = ""] = /^(\S+)\s*(.*)$/s.exec(argument) ?? [];
      const parsed = parseFilter(text);
      if (!parsed.ok) return parsed.mistake.message;
      const { filter } = parsed;
      const calls = filter ? store.model.stream() : store.content().calls;
      const rows = Array.from({ length: calls.length }, (_, index) => calls.at(index));
      const wanted = filter ? matcher(filter) : () => true;
      const lines = rows.flatMap((row) => (row && wanted(row.call, store.now()) ? [savedLine(row)] : []));
      if (lines.length === 0) return "there is no such call to save";
      try {
        // Arguments are nobody else's business, and what is there is not for us to replace.
        writeFileSync(resolve(expand(file)), lines.join(""), { mode: 0o600, flag: "wx" });
      } catch (error) {
        return `${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`;
      }
      store.say(`wrote ${count(lines.length, "call")} to ${file}`);
      return null;
    },
  },
];

type Place = Pick<RuleRef, "file" | "line">;

export const expand = (file: string): string => file.replace(/^~(?=\/|$)/, homedir());

function gatewayWith(store: Store, file: string) {
  return [...store.model.gateways.values()].find(({ policy }) => policy.files.includes(file));
}

function placeOf(row: PolicyRow): Place | null {
  if (row.kind === "reload") return null;
  const { problems, file } = row.kind === "file" ? row : row.plugin;
  const [problem] = problems;
  return { file: resolve(row.cwd, problem?.file ?? file), line: Math.max(1, problem?.line ?? 1) };
}

/** The rule of what is looked at; a mistake in a policy goes first; else the beginning of the first policy. */
function ruleInView(store: Store): Place | null {
  const gateways = [...store.model.gateways.values()].filter(({ endedAt }) => endedAt === null);
  const of = pointed(store);
  if (of?.kind === "denial") return of.row.rule;
  if (of?.kind === "policy") return placeOf(of.row);
  if (of?.kind === "call" && store.ui.view === "detail") {
    const { rule, would } = of.row.call;
    const traced = of.answer?.trace.at(-1)?.rule;
    if (rule ?? would ?? traced) return rule ?? would?.rule ?? traced ?? null;
  }
  const problem = gateways.flatMap(({ policy }) => policy.problems)[0];
  if (problem) return { file: problem.file, line: Math.max(1, problem.line) };
  if (of?.kind === "call" && of.row.call.rule) return of.row.call.rule;
  const file = gateways.flatMap(({ policy }) => policy.files)[0];
  return file === undefined ? null : { file, line: 1 };
}
