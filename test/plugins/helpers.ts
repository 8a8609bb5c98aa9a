import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { type Loading, loadPlugin } from "../../src/plugins/load.ts";
import type { LoadedPlugin } from "../../src/plugins/plugin.ts";
import type { PluginSpec } from "../../src/plugins/spec.ts";
import { Supervisor } from "../../src/plugins/supervisor.ts";
import { pluginEntry } from "../../src/policy/schema/plugins.ts";
import type { Call } from "../../src/policy/types.ts";
import type { JsonObject } from "../../src/wire/json.ts";

/** A folder that goes when the test ends. */
export function folder(files: Readonly<Record<string, string>> = {}): string {
  const path = mkdtempSync(join(tmpdir(), "callgate-plugins-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  write(path, files);
  return path;
}

export function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

/** A supervisor that ends with the test, and what it logged. */
export function supervising(): { supervisor: Supervisor; logged: string[] } {
  const logged: string[] = [];
  const supervisor = new Supervisor({ log: (_level, text) => logged.push(text) });
  onTestFinished(() => supervisor.close());
  return { supervisor, logged };
}

/** The entry of a policy in `root`. */
export function spec(root: string, entry: object): PluginSpec {
  return { ...pluginEntry.parse({ use: "p.ts", ...entry }), folder: root, timezone: "UTC" };
}

export function load(
  supervisor: Supervisor,
  files: Readonly<Record<string, string>> | string,
  entry: object = {},
  log: (plugin: string, lines: readonly string[]) => void = () => {},
): Promise<Loading> {
  const root = folder(typeof files === "string" ? { "p.ts": files } : files);
  return loadPlugin(supervisor, spec(root, entry), log, root);
}

/** Loads what must be right. */
export async function loaded(
  supervisor: Supervisor,
  files: Readonly<Record<string, string>> | string,
  entry: object = {},
  log?: (plugin: string, lines: readonly string[]) => void,
): Promise<LoadedPlugin> {
  const { plugin, problems, issues } = await load(supervisor, files, entry, log);
  if (plugin === null) throw new Error(JSON.stringify([...problems, ...issues], null, 2));
  return plugin;
}

/** A plugin whose `onCall` has this body. */
export const judging = (body: string, name = "p") =>
  `export default { name: ${JSON.stringify(name)}, onCall(call, ctx) { ${body} } };\n`;

export function call(tool: string, args: JsonObject = {}, more: Partial<Call> = {}): Call {
  return {
    tool,
    args,
    upstream: "up",
    agent: "agent",
    session: "s1",
    time: Date.UTC(2026, 6, 28, 9, 5),
    ...more,
  };
}

/** Problems as `file:line:col message | help`. */
export const listed = ({ problems }: Loading): string[] =>
  problems.map(({ file, line, col, message, help }) => `${file}:${line}:${col} ${message} | ${help}`);
