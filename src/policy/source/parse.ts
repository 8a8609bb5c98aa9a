import { type Document, isScalar, LineCounter, parseDocument, visit } from "yaml";
import { survivesDouble } from "../counters/decimal.ts";
import { type PolicyFile, policyFile } from "../schema/policy-file.ts";
import type { Problem } from "../types.ts";
import { type Issue, schemaIssues } from "./issues.ts";
import { type DataPath, type Locator, locator, type Place, startOf } from "./locate.ts";
import { referenceIssues } from "./references.ts";

/** A policy file that is valid on its own. */
export interface SourceFile {
  /** As problems and denials name it. */
  readonly name: string;
  /** Where it is. */
  readonly path: string;
  readonly text: string;
  readonly data: PolicyFile;
  /** The ways it came into the policy; at least one. */
  readonly routes: readonly Route[];
  /** Where what is at `path` of the data starts: its value, or its key. */
  place(path: DataPath, at?: "key" | "value"): Place;
  /** 1-based line of the same. */
  line(path: DataPath, at?: "key" | "value"): number;
}

/** How a file came into a policy, by the files that include it; named itself, by none. */
export interface Route {
  /** The `servers:` of these files: it is for upstreams that each of them is for. */
  readonly servers: readonly (readonly string[])[];
  /** Whether one of them only watches. */
  readonly shadow: boolean;
}

export const DIRECT: Route = { servers: [], shadow: false };

export type Parsed =
  | { readonly ok: true; readonly source: SourceFile }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Reads one policy file's text. Every problem is listed, in the order of the text.
 *
 * @param name of the file in messages
 * @param path of the file
 */
export function parse(text: string, name: string, path: string = name): Parsed {
  const lines = new LineCounter();
  const doc = parseDocument(text, {
    lineCounter: lines,
    keepSourceTokens: false,
    prettyErrors: false,
    merge: true,
    logLevel: "error",
  });
  const at = locator(doc, lines);
  const problem = ({ line, col }: Place, message: string, help: string): Problem => ({
    file: name,
    line,
    col,
    message,
    help,
  });
  const failed = (problems: readonly Problem[]): Parsed => ({ ok: false, problems: inOrder(problems) });

  const broken = [...doc.errors, ...doc.warnings].map(({ pos, code, message }) =>
    problem(at.offset(pos[0]), `YAML: ${oneLine(message)}`, YAML_HELP[code] ?? "mend the YAML here"),
  );
  if (broken.length > 0) return failed(broken);
  if (doc.contents === null || (isScalar(doc.contents) && doc.contents.value === null)) {
    return failed([problem({ line: 1, col: 1 }, "the file is empty", 'start with version: "1"')]);
  }

  const strange = unreadable(doc, at, problem);
  let data: unknown;
  try {
    data = doc.toJS({ maxAliasCount: MAX_ALIASES });
    const tangled = tangle(data);
    if (tangled !== null) throw new Error(tangled);
  } catch (error) {
    if (strange.length > 0) return failed(strange);
    const why = error instanceof Error ? oneLine(error.message) : String(error);
    const help = why.includes("alias") ? "write it out instead of using aliases" : "make it flatter";
    return failed([problem(at.value([]), `YAML: ${why}`, help)]);
  }

  const checked = policyFile.safeParse(data);
  const issues = checked.success ? [] : schemaIssues(checked.error, data);
  const problems = [...issues, ...referenceIssues(data)].map((issue: Issue) =>
    problem(at[issue.at](issue.path), issue.message, issue.help),
  );
  if (!checked.success || problems.length + strange.length > 0) return failed([...strange, ...problems]);
  const place = (path: DataPath, of: "key" | "value" = "value") => at[of](path);
  const line = (path: DataPath, of?: "key" | "value") => place(path, of).line;
  return { ok: true, source: { name, path, text, data: checked.data, routes: [DIRECT], place, line } };
}

/** How many nodes aliases may stand for, in all: enough for shared conditions, too few for a bomb. */
const MAX_ALIASES = 1_000;

const YAML_HELP: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "a key stands once in a mapping: merge the two, or remove one",
  MULTIPLE_DOCS: "one policy a file: remove the ---",
  TAB_AS_INDENT: "indent with spaces",
  TAG_RESOLVE_FAILED: "remove the tag",
};

/** Deeper than a person nests, and shallow enough for everything that walks the data. */
const MAX_DEPTH = 64;

function tangle(data: unknown, around: readonly unknown[] = []): string | null {
  if (typeof data !== "object" || data === null) return null;
  if (around.includes(data)) return "an alias stands inside what it stands for";
  if (around.length >= MAX_DEPTH) return `it is nested more than ${MAX_DEPTH} deep`;
  const inside = [...around, data];
  for (const each of Object.values(data)) {
    const found = tangle(each, inside);
    if (found !== null) return found;
  }
  return null;
}

/** What YAML reads and a policy cannot mean. */
function unreadable(
  doc: Document.Parsed,
  at: Locator,
  problem: (place: Place, message: string, help: string) => Problem,
): Problem[] {
  const problems: Problem[] = [];
  visit(doc, {
    Pair(_, { key }) {
      if (isScalar(key) && key.value !== "__proto__") return;
      problems.push(problem(at.offset(startOf(key) ?? 0), "this cannot be a key", "write a plain name"));
    },
    Alias(_, alias) {
      if (alias.resolve(doc) !== undefined) return;
      const message = `YAML: no anchor is named ${JSON.stringify(alias.source)}`;
      problems.push(problem(at.offset(startOf(alias) ?? 0), message, "name it with & before it is used"));
    },
    Scalar(_, { value, source, range }) {
      if (typeof value !== "number" || source === undefined) return;
      const plain = /^0[xo]/.test(source) ? Number.isSafeInteger(value) : survivesDouble(source, value);
      if (plain) return;
      const help = "write a number of at most 15 digits";
      problems.push(
        problem(at.offset(range?.[0] ?? 0), `${source} is not a number that can be kept exactly`, help),
      );
    },
  });
  return problems;
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => a.line - b.line || a.col - b.col);
}

const oneLine = (text: string) => text.replace(/\s+/g, " ").trim();
