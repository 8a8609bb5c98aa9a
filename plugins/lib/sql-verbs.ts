import type { Token } from "./sql.ts";

/** Words that do something wherever they stand: some databases need no semicolon between statements. */
const VERBS =
  "select insert update delete merge replace upsert drop alter create truncate rename grant revoke copy load call exec execute attach detach pragma vacuum".split(
    " ",
  );
/** After these, such a word is part of something else: `for update`, `on delete`, `do update`, `t.delete`. */
const EXCUSES = [".", "for", "on", "do", "as", "when"];
/** Words that come before what a statement does. */
const PRELUDES = ["explain", "analyze", "verbose", "with"];

const isVerb = (statement: readonly Token[], i: number): boolean => {
  const { kind, text } = statement[i] ?? { kind: "mark", text: "" };
  if (kind !== "word" || !VERBS.includes(text)) return false;
  if (EXCUSES.includes(statement[i - 1]?.text ?? "")) return false;
  // replace(a, b, c), and not exec('...').
  return statement[i + 1]?.text !== "(" || text.startsWith("exec") || text === "select";
};

/** Where a statement, and all those inside it, say what they do. */
export function verbsOf(statement: readonly Token[]): number[] {
  return statement.flatMap(({ text }, i) => {
    const first = i === 0 && text !== "(" && !PRELUDES.includes(text);
    return first || isVerb(statement, i) ? [i] : [];
  });
}

/** Whether an update or delete says which rows: a `where` of its own that is not true of all of them. */
export function choosesRows(statement: readonly Token[], verb: number): boolean {
  const depth = statement[verb]?.depth ?? 0;
  const own: Token[] = [];
  for (let i = verb + 1; i < statement.length; i++) {
    const token = statement[i];
    if (token === undefined || token.depth < depth || (token.depth === depth && isVerb(statement, i))) break;
    own.push(token);
  }
  const at = own.findIndex((token) => token.depth === depth && token.text === "where");
  const clause = own.slice(at + 1).filter(({ text }) => text !== "(" && text !== ")");
  const always = clause.some(({ kind, text }, i) => {
    if (i > 0 && clause[i - 1]?.text !== "or") return false;
    const [operator, right] = [clause[i + 1]?.text, clause[i + 2]];
    if (operator === "=" && kind !== "word") return right?.kind === kind;
    return operator === "="
      ? right?.text === text
      : text === "true" || (kind === "number" && !/^[<>!]/.test(operator ?? ""));
  });
  return at >= 0 && clause.length > 0 && !always;
}
