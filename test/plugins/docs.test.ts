import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { loadPlugin } from "../../src/plugins/load.ts";
import type { LoadedPlugin } from "../../src/plugins/plugin.ts";
import { DEFAULT_MEMORY, DEFAULT_TIMEOUT, pluginEntry } from "../../src/policy/schema/plugins.ts";
import type { JsonObject } from "../../src/wire/json.ts";
import { Counters } from "./counters.ts";
import { call, folder, supervising, write } from "./helpers.ts";

const ROOT = join(import.meta.dirname, "../..");
const text = readFileSync(join(ROOT, "docs/plugins.md"), "utf8");

interface Block {
  readonly kind: string;
  readonly body: string;
}

const blocks: Block[] = [...text.matchAll(/^```(\w.*)\n([\s\S]*?)^```$/gm)].map(
  ([, kind = "", body = ""]) => ({ kind, body }),
);
const files = Object.fromEntries(
  blocks.flatMap(({ kind, body }) =>
    kind.startsWith("ts file=") ? [[kind.slice("ts file=".length), body]] : [],
  ),
);

test("the examples type-check", () => {
  const root = folder(files);
  write(root, {
    "tsconfig.json": JSON.stringify({
      compilerOptions: {
        ...{
          strict: true,
          noEmit: true,
          module: "nodenext",
          target: "es2024",
          skipLibCheck: true,
          types: [],
        },
        ...{
          allowImportingTsExtensions: true,
          paths: { "callgate/plugin": [join(ROOT, "src/plugins/api.ts")] },
        },
      },
      include: ["*.ts"],
    }),
  });
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  expect(execFileSync(process.execPath, [tsc, "-p", root], { encoding: "utf8" })).toBe("");
});

test("the examples do what the page says", async () => {
  const root = folder();
  write(join(root, "docs"), files);
  const { supervisor } = supervising();
  let plugins: LoadedPlugin[] = [];
  let counters = new Counters();
  let executed = 0;
  for (const { kind, body } of blocks) {
    if (kind === "yaml entry") {
      plugins = [];
      counters = new Counters();
      for (const entry of parse(body)) {
        const base = entry.use.startsWith("../plugins/") ? join(ROOT, "docs") : join(root, "docs");
        const loading = await loadPlugin(supervisor, {
          ...pluginEntry.parse(entry),
          folder: base,
          timezone: "UTC",
        });
        if (loading.plugin === null) throw new Error(JSON.stringify(loading));
        plugins.push(loading.plugin);
      }
    }
    if (kind !== "calls" && kind !== "results") continue;
    for (const line of body.trim().split("\n")) {
      executed++;
      const [given = "", expected = ""] = line.split(" -> ");
      expect(
        `${given} -> ${kind === "calls" ? await called(given, plugins, counters) : await resulted(given, plugins)}`,
      ).toBe(`${given} -> ${expected}`);
    }
  }
  expect(executed).toBeGreaterThan(20);
});

/** A Tuesday at noon in London. */
const NOON = Date.UTC(2026, 6, 28, 11);

async function called(given: string, plugins: readonly LoadedPlugin[], counters: Counters): Promise<string> {
  const [, tool = "", json = ""] = /^(\S+) (.*)$/.exec(given) ?? [];
  const made = call(tool, JSON.parse(json), { time: NOON });
  const ruling = await counters.rule(plugins, made);
  if (ruling.edited) return `edit: ${JSON.stringify(ruling.call.args)}`;
  const { verdict, message } = ruling.decision;
  return verdict === "allow" ? verdict : `${verdict}: ${message}`;
}

async function resulted(given: string, [plugin]: readonly LoadedPlugin[]): Promise<string> {
  const result: JsonObject = JSON.parse(given);
  const opinion = await plugin?.onResult(call("t"), result);
  return opinion?.verdict === "pass"
    ? "pass"
    : `${opinion?.verdict}: ${opinion?.message || JSON.stringify(opinion?.result)}`;
}

test("defaults, hooks and shipped plugins are those that there are", () => {
  expect(text).toContain(`\`${DEFAULT_TIMEOUT}ms\` |`);
  expect(text).toContain(`\`${DEFAULT_MEMORY}MB\` |`);
  for (const key of Object.keys(pluginEntry.shape)) expect(text).toContain(`| \`${key}\` |`);
  for (const name of readdirSync(join(ROOT, "plugins")).filter((file) => file.endsWith(".ts"))) {
    expect(text).toContain(`[${name.slice(0, -3)}](../plugins/${name})`);
  }
  const api = readFileSync(join(ROOT, "src/plugins/api.ts"), "utf8");
  const ambient = readFileSync(join(ROOT, "plugin.d.ts"), "utf8");
  for (const [, name] of api.matchAll(/^export (?:interface|type) (\w+)/gm)) {
    expect(ambient).toMatch(new RegExp(`export type ${name}\\b`));
  }
});
