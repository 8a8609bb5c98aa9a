import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { packagePath } from "../package-path.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Writes a plugin to start from, and a policy that uses it and tests it.
 *
 * @param folder made where it is not there
 * @returns the exit code: 0
 * @throws UsageError for a name that no plugin can have, or a file that is there already
 */
export async function pluginNew(
  name: string,
  folder: string,
  out: { write(text: string): void },
): Promise<number> {
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(name)) {
    throw new UsageError(
      `${JSON.stringify(name)} cannot be a plugin's name: write lower-case letters, digits and dashes, such as no-yen`,
    );
  }
  const root = resolve(folder);
  const files = { [`${name}.ts`]: plugin(name, root), [`${name}.yaml`]: policy(name) };
  for (const file of Object.keys(files)) {
    if (existsSync(join(root, file))) {
      throw new UsageError(
        `${relative("", join(root, file))} is there already: choose another name, or move it away`,
      );
    }
  }
  mkdirSync(root, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(root, file), text, { flag: "wx" });
  const at = (file: string) => relative("", join(root, file)) || file;
  out.write(`${at(`${name}.ts`)}: the plugin; save it while a gateway runs, and the next call obeys\n`);
  out.write(
    `${at(`${name}.yaml`)}: a policy that uses it, with tests: callgate test ${at(`${name}.yaml`)}\n`,
  );
  return 0;
}

const TYPES = packagePath("plugin.d.ts");

/** Tells the editor where the types are, where nothing else leads to them. */
function reference(root: string): string {
  const line = `/// <reference path=${JSON.stringify(TYPES)} />\n`;
  try {
    const found = createRequire(join(root, "x.js")).resolve("callgate/package.json");
    return existsSync(join(dirname(found), "dist/plugins/api.d.ts")) ? "" : line;
  } catch {
    return line;
  }
}

const plugin = (
  name: string,
  root: string,
): string => `${reference(root)}import type { Plugin } from "callgate/plugin";

interface Config {
  readonly max: number;
}

/** Denies calls whose amount is above a limit. */
export default {
  name: "${name}",
  config: {
    max: { type: "number", default: 100, description: "the largest amount" },
  },

  onCall(call, ctx) {
    const { amount } = call.args;
    if (typeof amount === "number" && amount > ctx.config.max) {
      return ctx.deny(\`\${amount} is more than \${ctx.config.max}\`, { "args.amount": amount });
    }
  },
} satisfies Plugin<Config>;
`;

const policy = (name: string): string => `version: "1"
description: Uses the plugin ${name}
plugins:
  - use: ./${name}.ts
    config: { max: 50 }
tests:
  - { call: pay, args: { amount: 50 }, expect: allow }
  - { call: pay, args: { amount: 51 }, expect: deny, rule: ${name} }
`;
