import type { Json } from "../../wire/json.ts";
import { Complaint } from "../complaint.ts";
import { show, showList } from "../show.ts";
import type { Held, Operator } from "./operators.ts";

/**
 * `within`: whether a path is inside a directory (or is it), by its text alone. Servers decode and normalise
 * paths in different ways; where two readings of a path differ in the answer, or it has no sure reading, the
 * condition errs. What symbolic links lead to is not known here.
 */
export const within: Operator = {
  compile(value) {
    const directories = (Array.isArray(value) ? value : [value]).map(directory);
    if (directories.length === 0) throw new Complaint("within takes a directory, not an empty list", HELP);
    return (actual) => judge(actual, directories);
  },
  must: (value) => `must be within ${Array.isArray(value) ? showList(value) : show(value)}`,
};

const HELP = "write an absolute directory, such as value: /srv/data";

function directory(value: unknown): readonly string[] {
  const parts = typeof value === "string" && value.startsWith("/") ? segments(value) : null;
  if (parts === null || parts.includes("..") || String(value).includes("\\")) {
    throw new Complaint(`within takes an absolute directory, not ${show(value)}`, HELP);
  }
  return parts;
}

function judge(actual: Json, directories: readonly (readonly string[])[]): Held {
  if (typeof actual !== "string") return "within reads text";
  const all = readings(actual);
  if (typeof all === "string") return all;
  const answers = new Set<boolean>();
  for (const text of all) {
    if (/[\0-\x1f\x7f]/.test(text)) return "it has control characters in it";
    if (text.includes("\\")) return "a backslash separates directories on some systems";
    if (!text.startsWith("/")) return "only an absolute path says where it leads";
    if (text.startsWith("//")) return "a path that starts with // leads elsewhere on some systems";
    const parts = resolve(segments(text));
    answers.add(directories.some((directory) => directory.every((part, i) => part === parts[i])));
  }
  return answers.size === 1 ? answers.has(true) : "it leads elsewhere once it is decoded";
}

const segments = (path: string) => path.split("/").filter((part) => part !== "" && part !== ".");

function resolve(parts: readonly string[]): string[] {
  const at: string[] = [];
  for (const part of parts) {
    if (part === "..") at.pop();
    else at.push(part);
  }
  return at;
}

/** More rounds of encoding than any server undoes. */
const ROUNDS = 4;

/** A path as it stands, percent-decoded once and more often, and each of these in Unicode's compatibility form. */
export function readings(path: string): string[] | string {
  const found = new Set<string>();
  let text = path;
  for (let round = 0; ; round++) {
    found.add(text);
    found.add(text.normalize("NFKC"));
    if (/%u[0-9a-f]{4}/i.test(text)) return "it has %u escapes in it";
    if (!/%[0-9a-f]{2}/i.test(text)) return [...found];
    if (round === ROUNDS) return "it is encoded over and over";
    const decoded = decode(text);
    if (decoded === null) return "its percent-encoding is not valid UTF-8";
    text = decoded;
  }
}

/** Null for bytes that are not UTF-8, such as an overlong `%c0%ae`, which some servers read as a dot. */
function decode(text: string): string | null {
  try {
    return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => decodeURIComponent(run));
  } catch {
    return null;
  }
}
