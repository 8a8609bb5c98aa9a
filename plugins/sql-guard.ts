import type { Plugin } from "callgate/plugin";
import { statements } from "./lib/sql.ts";
import { choosesRows, verbsOf } from "./lib/sql-verbs.ts";
import { texts } from "./lib/texts.ts";

interface Config {
  readonly allow: readonly string[];
  readonly arguments: readonly string[];
  readonly where: boolean;
}

/** Lets only some kinds of SQL statement through, and no change of all rows of a table at once. */
export default {
  name: "sql-guard",
  description: "Kinds of SQL statement, and no change without WHERE",
  config: {
    allow: {
      type: "array",
      items: { type: "string" },
      default: ["select"],
      description: "kinds, such as select",
    },
    arguments: { type: "array", items: { type: "string" }, default: ["sql", "query", "statement"] },
    where: { type: "boolean", default: true, description: "whether update and delete must say which rows" },
  },

  onCall(call, ctx) {
    const { allow, where } = ctx.config;
    /** What is wrong with a text of SQL, if anything. */
    function fault(sql: string): string | undefined {
      const all = statements(sql);
      if (all === null)
        return "The SQL cannot be read for certain: write it plainly, without odd comments or escapes";
      for (const statement of all) {
        const verbs = verbsOf(statement);
        const kinds = verbs.map((at) => statement[at]?.text ?? "");
        const writes = statement.some(({ text }) => ["into", "outfile", "dumpfile"].includes(text));
        if (writes && !kinds.some((kind) => /^(insert|merge|replace)$/.test(kind)))
          return "SELECT INTO writes";
        const other = kinds.find((kind) => !allow.includes(kind));
        if (other !== undefined)
          return `${other.toUpperCase()} is not allowed here, only ${allow.join(", ")}`;
        const open = verbs.find(
          (at, i) => /^(update|delete)$/.test(kinds[i] ?? "") && !choosesRows(statement, at),
        );
        if (where && open !== undefined)
          return `${statement[open]?.text.toUpperCase()} of all rows: say which with WHERE`;
      }
    }
    const names = ctx.config.arguments.map((name) => name.toLowerCase());
    for (const { where: path, text } of texts(call.args, (name) => names.includes(name))) {
      const wrong = fault(text);
      if (wrong !== undefined) return ctx.deny(wrong, { [path]: text.slice(0, 500) });
    }
  },
} satisfies Plugin<Config>;
