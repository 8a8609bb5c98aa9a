import { governs } from "../policy/compile/compile-file.ts";
import type { Policy } from "../policy/plan.ts";
import type { SourceFile } from "../policy/source/parse.ts";
import type { Problem } from "../policy/types.ts";
import { unfit } from "../policy/warnings/against.ts";
import { warningsOf } from "../policy/warnings/warnings.ts";
import { sanitize } from "../sanitize.ts";
import { type RawUpstreamOptions, type UpstreamOption, upstreamOptions } from "./options.ts";
import { count } from "./problems.ts";
import type { ServerTool } from "./server-tools.ts";
import { UsageError } from "./usage-error.ts";
import { withRuleset } from "./with-ruleset.ts";

/** The options as commander hands them over. */
export interface RawCheckOptions extends RawUpstreamOptions {
  against?: boolean;
}

/**
 * @param words paths, and behind them the command of a server
 * @param after how many of them are that command
 * @throws UsageError
 */
export async function checkOptions(raw: RawCheckOptions, words: readonly string[], after: number) {
  const paths = words.slice(0, words.length - after);
  const command = words.slice(paths.length);
  if (paths.length === 0) throw new UsageError("no policy is named: give a file or a folder");
  if (raw.against === true) return { paths, against: await upstreamOptions(raw, command) };
  const named = Object.keys(raw).length > 0 || command.length > 0;
  if (named) throw new UsageError("to check against a server, say so with --against");
  return { paths, against: [] };
}

/** A server to check against, with what it lists. */
interface Listed {
  readonly name: string;
  readonly tools: readonly ServerTool[];
}

/**
 * Validates policy files and their plugins: prints each problem as `file:line:col message` with its help, then a summary. What a
 * valid file most likely does not mean is a warning, and so is what does not fit the servers it is for.
 *
 * @param against servers to list the tools of
 * @returns the exit code: 1 where there is a problem, 0 otherwise
 * @throws Error where a server does not list its tools
 */
export async function check(
  paths: string[],
  out: { write(text: string): void },
  against: readonly UpstreamOption[] = [],
): Promise<number> {
  return withRuleset({ policies: paths }, out, async ({ sources, ruleset }) => {
    const servers = await listed(against);
    for (const source of sources) summarise(source, servers, out);
    for (const server of servers) out.write(`${sanitize(fates(server, ruleset.policy))}\n`);
    return 0;
  });
}

/** What a valid file most likely does not mean, and what is in it. */
function summarise(source: SourceFile, servers: readonly Listed[], out: { write(text: string): void }): void {
  const { name, data } = source;
  for (const { file, line, col, message, help } of [...warningsOf(source), ...unfitFor(source, servers)]) {
    const lines = [`${file}:${line}:${col} warning: ${message}`, `  help: ${help}`];
    out.write(`${lines.map((each) => sanitize(each)).join("\n")}\n`);
  }
  const tools = Object.values(data.tools);
  const rules = tools.reduce((sum, tool) => sum + tool.rules.length, 0);
  const plugins = data.plugins.length === 0 ? "" : `, ${count(data.plugins.length, "plugin")}`;
  out.write(`${name}: ok (${count(rules, "rule")}, ${count(tools.length, "tool")}${plugins})\n`);
}

async function listed(against: readonly UpstreamOption[]): Promise<Listed[]> {
  if (against.length === 0) return [];
  const { listTools } = await import("./server-tools.ts");
  return Promise.all(
    against.map(async (upstream) => ({ name: upstream.name, tools: await listTools(upstream) })),
  );
}

/** What does not fit the servers that a file is for, or that it is for none of them. */
function unfitFor(source: SourceFile, servers: readonly Listed[]): Problem[] {
  if (servers.length === 0) return [];
  const its = servers.filter(({ name }) => governs(source, name));
  if (its.length > 0)
    return unfit(
      source,
      its.flatMap(({ tools }) => tools),
    );
  const names = servers.map(({ name }) => name).join(", ");
  const message = `the file is for no server that is called ${names}: it limits nothing there`;
  const help = "name the server here, or call it by one of these names with --name";
  return [{ file: source.name, ...source.place(["servers"]), message, help }];
}

/** Which of a server's tools the policy refuses whatever they are called with, and why. */
function fates({ name, tools }: Listed, policy: Policy): string {
  const refused = tools.flatMap(({ name: tool, annotations }) => {
    const { refusal } = policy.plan({ tool, upstream: name, annotations });
    return refusal === null ? [] : [`${tool} (${refusal.rule.name})`];
  });
  const all = `${name}: ${count(tools.length, "tool")}`;
  return refused.length === 0
    ? `${all}, none refused outright`
    : `${all}, ${refused.length} refused: ${refused.join(", ")}`;
}
