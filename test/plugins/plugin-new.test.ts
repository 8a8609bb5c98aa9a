import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { pluginNew } from "../../src/commands/plugin-new.ts";
import { loadPlugin } from "../../src/plugins/load.ts";
import { pluginEntry } from "../../src/policy/schema/plugins.ts";
import { call, folder, supervising } from "./helpers.ts";

const ROOT = join(import.meta.dirname, "../..");
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");

test("a plugin, and a policy that uses and tests it", async () => {
  const root = folder();
  let said = "";
  expect(await pluginNew("no-yen", join(root, "deep"), { write: (text) => (said += text) })).toBe(0);
  expect(said).toMatch(
    /deep\/no-yen\.ts: the plugin; save it while.*\n.*deep\/no-yen\.yaml: a policy that uses it/,
  );
  const policy = parse(readFileSync(join(root, "deep/no-yen.yaml"), "utf8"));
  const [entry] = policy.plugins;
  const { supervisor } = supervising();
  const { plugin } = await loadPlugin(supervisor, {
    ...pluginEntry.parse(entry),
    folder: join(root, "deep"),
    timezone: "UTC",
  });
  for (const { call: tool, args, expect: verdict, rule } of policy.tests) {
    expect(await plugin?.onCall(call(tool, args))).toMatchObject({ verdict });
    if (rule !== undefined) expect(rule).toBe(plugin?.name);
  }
  await expect(pluginNew("no-yen", join(root, "deep"), { write() {} })).rejects.toThrow(
    /no-yen\.ts is there already: choose another name/,
  );
  await expect(pluginNew("No Yen", root, { write() {} })).rejects.toThrow(/cannot be a plugin's name/);
});

test("it type-checks where no node_modules is, and mistakes in it are found", async () => {
  // The build writes it as well; these tests need no other part of a build.
  const emit =
    "--ignoreConfig --declaration --emitDeclarationOnly --module nodenext --target es2024 --outDir dist/plugins";
  execFileSync(process.execPath, [TSC, ...emit.split(" "), "src/plugins/api.ts"], { cwd: ROOT });
  const root = folder();
  await pluginNew("mine", root, { write() {} });
  const file = join(root, "mine.ts");
  expect(readFileSync(file, "utf8").split("\n")[0]).toBe(
    `/// <reference path="${join(ROOT, "plugin.d.ts")}" />`,
  );
  const check = () => {
    const flags = "--noEmit --ignoreConfig --strict --module nodenext --target es2024".split(" ");
    try {
      return execFileSync(process.execPath, [TSC, ...flags, file], {
        encoding: "utf8",
        cwd: root,
      });
    } catch (error) {
      return String((error as { stdout?: unknown }).stdout);
    }
  };
  expect(check()).toBe("");
  writeFileSync(file, readFileSync(file, "utf8").replace("ctx.config.max)", "ctx.config.maximum)"));
  expect(check()).toMatch(/Property 'maximum' does not exist on type 'Config'/);
});
