/** What a filter can ask of a call. The docs, completion and the parser's help are this table. */
import { durationMs } from "../../policy/time/duration.ts";
import { CLASSES } from "../../policy/tools/classes.ts";

export type Operator = ":" | "=" | "!=" | ">" | ">=" | "<" | "<=";

const TEXT: readonly Operator[] = [":", "=", "!="];
const ANY: readonly Operator[] = [":", "=", "!=", ">", ">=", "<", "<="];
const NUMBER: readonly Operator[] = ["=", "!=", ">", ">=", "<", "<="];

export type Field = {
  readonly name: string;
  readonly operators: readonly Operator[];
  /** The only values there are, where that is so. */
  readonly values?: readonly string[];
  readonly example: string;
  readonly help: string;
};

export const fields: readonly Field[] = [
  { name: "tool", operators: TEXT, example: "tool:create_*", help: "the tool's name" },
  { name: "agent", operators: TEXT, example: "agent:claude", help: "the agent's name" },
  { name: "server", operators: TEXT, example: "server=payments", help: "the server's name" },
  { name: "session", operators: TEXT, example: "session=4711-1", help: "the session's id" },
  {
    name: "class",
    operators: [":", "=", "!="],
    values: CLASSES,
    example: "class:financial",
    help: "what the tool is to the policy; one of which nothing is known is of several",
  },
  {
    name: "rule",
    operators: TEXT,
    example: 'rule:"spend cap"',
    help: "the rule that decided, or would have",
  },
  {
    name: "verdict",
    operators: [":", "=", "!="],
    values: ["allow", "deny", "ask", "would"],
    example: "verdict:deny",
    help: "allow, deny, ask (held), or would (a shadow verdict)",
  },
  {
    name: "outcome",
    operators: [":", "=", "!="],
    values: ["ok", "tool_error", "error", "input_required", "cancelled", "lost", "denied"],
    example: "outcome:tool_error",
    help: "how it ended",
  },
  { name: "ms", operators: NUMBER, example: "ms>100", help: "milliseconds from request to answer" },
  { name: "since", operators: [":"], example: "since:5m", help: "no longer ago than 30s, 5m, 2h or 1d" },
  {
    name: "arg",
    operators: ANY,
    example: "arg.amount>500",
    help: "an argument by its path, as in arg.items[0].id",
  },
];

export function fieldNamed(name: string): Field | null {
  return fields.find((field) => field.name === name) ?? null;
}

/** Why a field cannot have this value; null where it can. */
export function valueMistake(
  { name, values, example }: Field,
  operator: Operator,
  value: string,
): string | null {
  if (value === "") return `${name}${operator} needs a value, as in ${example}`;
  if (values && !values.includes(value)) return `${name} is one of ${values.join(", ")}`;
  if (name === "since" && durationMs(value) === null) return "since: needs a duration, as in since:5m";
  const ordered = name === "ms" || operator.startsWith(">") || operator.startsWith("<");
  if (ordered && !isNumber(value)) return `${operator} compares with a number, as in ${example}`;
  return null;
}

export function isNumber(text: string): boolean {
  return /^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text);
}
