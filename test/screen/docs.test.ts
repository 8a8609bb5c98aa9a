/** docs/screen.md has what the tables of the screen have. UPDATE_DOCS=1 writes it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseFilter } from "../../src/control/filter/parse.ts";
import { tables } from "../../src/screen/tables.ts";

const DOCS = join(import.meta.dirname, "../../docs/screen.md");

it("docs/screen.md agrees with the keymap, the commands and the filter's fields", () => {
  const text = readFileSync(DOCS, "utf8");
  const fresh = Object.entries(tables).reduce(
    (all, [name, table]) =>
      all.replace(
        new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`),
        (_, open, close) => open + table() + close,
      ),
    text,
  );
  if (process.env.UPDATE_DOCS) writeFileSync(DOCS, fresh);
  else expect(text).toBe(fresh);
});

it("the filters of docs/screen.md can be read", () => {
  const text = readFileSync(DOCS, "utf8");
  const [, block = ""] = /```\n(verdict:deny[\s\S]*?)```/.exec(text) ?? [];
  const filters = block.trim().split("\n");
  expect(filters).toHaveLength(3);
  for (const filter of filters) expect(parseFilter(filter).ok).toBe(true);
});
