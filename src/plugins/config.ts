import { RE2JS } from "re2js";
import { z } from "zod";
import { oneOf } from "../policy/suggest.ts";
import { isObject, type Json, type JsonObject } from "../wire/json.ts";

/** How a plugin declares one setting; `Setting` of api.ts is the same in TypeScript. */
const description = z.string().optional();
export const setting: z.ZodType<Setting> = z.lazy(() =>
  z.discriminatedUnion(
    "type",
    [
      z.strictObject({
        type: z.literal("string"),
        description,
        pattern: z
          .string()
          .max(1_000)
          .refine(isPattern, "is not a regular expression (RE2: no lookaround)")
          .optional(),
        enum: z.array(z.string()).min(1).optional(),
        default: z.string().optional(),
      }),
      z.strictObject({
        type: z.enum(["number", "integer"]),
        description,
        minimum: z.number().optional(),
        maximum: z.number().optional(),
        default: z.number().optional(),
      }),
      z.strictObject({ type: z.literal("boolean"), description, default: z.boolean().optional() }),
      z.strictObject({
        type: z.literal("array"),
        description,
        items: setting,
        default: z.array(z.json()).optional(),
      }),
      z.strictObject({
        type: z.literal("object"),
        description,
        properties: z.record(z.string(), setting).optional(),
        additionalProperties: setting.optional(),
        default: z.record(z.string(), z.json()).optional(),
      }),
    ],
    "type must be string, number, integer, boolean, array or object",
  ),
);

export interface Setting {
  readonly type: "string" | "number" | "integer" | "boolean" | "array" | "object";
  readonly description?: string | undefined;
  readonly pattern?: string | undefined;
  readonly enum?: readonly string[] | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly items?: Setting | undefined;
  readonly properties?: Readonly<Record<string, Setting>> | undefined;
  readonly additionalProperties?: Setting | undefined;
  readonly default?: unknown;
}

/** What is wrong with a policy's `config:`; `path` starts inside it. */
export interface ConfigIssue {
  readonly path: readonly (string | number)[];
  /** Whether to point at the member's key or at its value. */
  readonly at: "key" | "value";
  readonly message: string;
  readonly help: string;
}

function isPattern(text: string): boolean {
  try {
    RE2JS.compile(text);
    return true;
  } catch {
    return false;
  }
}

/** Checks given settings against declared ones, and fills in defaults. All issues are listed. */
export function configure(
  declared: Readonly<Record<string, Setting>>,
  given: JsonObject,
): { readonly config: JsonObject; readonly issues: readonly ConfigIssue[] } {
  const issues: ConfigIssue[] = [];
  const config = members({ type: "object", properties: declared }, given, [], issues);
  return { config, issues };
}

function members(
  { properties = {}, additionalProperties }: Setting,
  given: JsonObject,
  path: ConfigIssue["path"],
  issues: ConfigIssue[],
): JsonObject {
  const result: [string, Json][] = [];
  for (const [name, value] of Object.entries(given)) {
    const at = [...path, name];
    const known = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (known !== undefined) result.push([name, checked(known, value, at, issues)]);
    else {
      const names = Object.keys(properties);
      const help = names.length === 0 ? "the plugin has no settings here: remove it" : oneOf(name, names);
      issues.push({ path: at, at: "key", message: `unknown setting ${JSON.stringify(name)}`, help });
    }
  }
  for (const [name, wanted] of Object.entries(properties)) {
    if (Object.hasOwn(given, name)) continue;
    // A default is the plugin's own word, and JSON: it came out of the isolate as that.
    if (wanted.default !== undefined) result.push([name, wanted.default as Json]);
    else
      issues.push({
        path: [...path, name],
        at: "value",
        message: `${name} is missing`,
        help: helpOf(wanted),
      });
  }
  return Object.fromEntries(result);
}

function checked(wanted: Setting, value: Json, path: ConfigIssue["path"], issues: ConfigIssue[]): Json {
  const name = path
    .map((step) => (typeof step === "number" ? `[${step}]` : step))
    .join(".")
    .replaceAll(".[", "[");
  const wrong = (message: string): Json => {
    issues.push({ path, at: "value", message: `${name} ${message}`, help: helpOf(wanted) });
    return value;
  };
  switch (wanted.type) {
    case "string":
      if (typeof value !== "string") return wrong(`must be text, not ${shown(value)}`);
      if (wanted.enum !== undefined && !wanted.enum.includes(value)) {
        issues.push({
          path,
          at: "value",
          message: `${name} cannot be ${shown(value)}`,
          help: oneOf(value, wanted.enum),
        });
      } else if (wanted.pattern !== undefined && !RE2JS.compile(wanted.pattern).matcher(value).find()) {
        return wrong(`${shown(value)} does not match ${wanted.pattern}`);
      }
      return value;
    case "number":
    case "integer":
      if (typeof value !== "number") return wrong(`must be a number, not ${shown(value)}`);
      if (wanted.type === "integer" && !Number.isSafeInteger(value))
        return wrong(`must be a whole number, not ${value}`);
      if (wanted.minimum !== undefined && value < wanted.minimum)
        return wrong(`must be at least ${wanted.minimum}`);
      if (wanted.maximum !== undefined && value > wanted.maximum)
        return wrong(`must be at most ${wanted.maximum}`);
      return value;
    case "boolean":
      return typeof value === "boolean" ? value : wrong(`must be true or false, not ${shown(value)}`);
    case "array": {
      const { items } = wanted;
      if (!Array.isArray(value)) return wrong(`must be a list, not ${shown(value)}`);
      return items === undefined ? value : value.map((each, i) => checked(items, each, [...path, i], issues));
    }
    case "object":
      return isObject(value)
        ? members(wanted, value, path, issues)
        : wrong(`must be a mapping, not ${shown(value)}`);
  }
}

function helpOf(wanted: Setting): string {
  const kind = wanted.enum === undefined ? TYPES[wanted.type] : `one of ${wanted.enum.join(", ")}`;
  return wanted.description === undefined ? `write ${kind}` : `${kind}: ${wanted.description}`;
}

const TYPES: Readonly<Record<Setting["type"], string>> = {
  string: "text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
};

function shown(value: Json): string {
  if (Array.isArray(value)) return "a list";
  return isObject(value) ? "a mapping" : JSON.stringify(value).slice(0, 80);
}
