import { isDeepStrictEqual } from "node:util";
import { isMap, isPair, isScalar, isSeq, type Node, parseDocument, type YAMLMap, type YAMLSeq } from "yaml";
import { flowText, type Plain, scalarText } from "./flow-text.ts";

export type YamlPath = readonly (string | number)[];

/** The file is laid out in a way that nothing can be added to without writing it anew. */
export class LayoutError extends Error {
  override readonly name = "LayoutError";
}

/**
 * A YAML file's text with one more item in the list at `path`, which is made where it is not there. Everything else,
 * comments and spacing too, stays as it was.
 *
 * @throws LayoutError
 */
export function addItem(text: string, path: YamlPath, item: Plain): string {
  const added = insert(text, path, item);
  const before: unknown = parseDocument(text, { merge: true }).toJS();
  const doc = parseDocument(added, { merge: true, logLevel: "silent" });
  if (doc.errors.length > 0 || !isDeepStrictEqual(doc.toJS(), withItem(before, path, item)))
    throw new LayoutError(`add this by hand, at ${path.join(".")}: - ${flowText(item)}`);
  return added;
}

function insert(text: string, path: YamlPath, item: Plain): string {
  const doc = parseDocument(text, { merge: true });
  let node: unknown = doc.contents;
  if (node === null) return `${endWithLine(text)}${blockText(path.map(String), item, "")}`;
  for (const [depth, step] of path.entries()) {
    const next: unknown = isMap(node)
      ? pairOf(node, step)?.value
      : isSeq(node)
        ? node.items[Number(step)]
        : null;
    const isThere = isMap(node) ? pairOf(node, step) !== undefined : next !== undefined && next !== null;
    const rest = path.slice(depth + 1).map(String);
    if (isMap(node) && !isThere) return intoMap(text, node, String(step), rest, item);
    if (isMap(node) && isEmpty(next)) {
      const pair = pairOf(node, step);
      const key = isPair(pair) && isScalar(pair.key) ? pair.key : null;
      if (key?.range)
        return afterLine(text, key.range[1], blockText(rest, item, indentAt(text, key.range[0], 2)));
    }
    node = next;
  }
  if (isSeq(node)) return intoSeq(text, node, item);
  throw new LayoutError(`what is at ${path.join(".")} is no list`);
}

function pairOf(map: YAMLMap, key: string | number) {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

/** `rules:` with nothing after it. */
function isEmpty(value: unknown): boolean {
  return value === null || (isScalar(value) && value.value === null && value.source === "");
}

function intoSeq(text: string, seq: YAMLSeq, item: Plain): string {
  if (seq.flow) return intoFlow(text, seq, flowText(item));
  const start = seq.range?.[0] ?? 0;
  return afterLine(text, endOf(seq), `${indentAt(text, start)}- ${flowText(item)}\n`);
}

function intoMap(text: string, map: YAMLMap, key: string, rest: readonly string[], item: Plain): string {
  if (map.flow) return intoFlow(text, map, `${scalarText(key)}: ${flowText(wrapped(rest, item))}`);
  const indent = indentAt(text, map.range?.[0] ?? 0);
  // A rule's `when` reads best on one line; a tool's rules as a list.
  const lines =
    rest.length === 0
      ? `${indent}${scalarText(key)}: ${flowText([item])}\n`
      : blockText([key, ...rest], item, indent);
  return afterLine(text, endOf(map), lines);
}

function intoFlow(text: string, node: YAMLSeq | YAMLMap, added: string): string {
  const padding = isMap(node) ? " " : "";
  if (node.items.length > 0) {
    const last = endOf(node.items.at(-1));
    return `${text.slice(0, last)}, ${added}${text.slice(last)}`;
  }
  const open = (node.range?.[0] ?? 0) + 1; // after its bracket
  return `${text.slice(0, open)}${padding}${added}${padding}${text.slice(open)}`;
}

/** A list of one item under these keys, each on a line of its own. */
function blockText(keys: readonly string[], item: Plain, indent: string): string {
  const [key, ...rest] = keys;
  if (key === undefined) return `${indent}- ${flowText(item)}\n`;
  return `${indent}${scalarText(key)}:\n${blockText(rest, item, `${indent}  `)}`;
}

function wrapped(keys: readonly string[], item: Plain): Plain {
  const [key, ...rest] = keys;
  return key === undefined ? [item] : { [key]: wrapped(rest, item) };
}

/** Where the last thing in a node ends, without what follows it. */
function endOf(node: unknown): number {
  if (isPair(node)) return endOf(isEmpty(node.value) ? node.key : node.value);
  if ((isMap(node) || isSeq(node)) && !node.flow) return endOf(node.items.at(-1));
  return rangeEnd(node);
}

function rangeEnd(node: unknown): number {
  const range = typeof node === "object" && node !== null && "range" in node ? (node as Node).range : null;
  if (!range) throw new LayoutError("it has something that is in no place of its text");
  return range[1];
}

/** Spaces up to the column of what is at `offset`, and `more`. */
function indentAt(text: string, offset: number, more = 0): string {
  return " ".repeat(offset - (text.lastIndexOf("\n", offset - 1) + 1) + more);
}

/** Puts whole lines after the line in which `offset` is; a comment at its end stays with it. */
function afterLine(text: string, offset: number, lines: string): string {
  if (text[offset - 1] === "\n") return text.slice(0, offset) + lines + text.slice(offset);
  const end = text.indexOf("\n", offset);
  if (end < 0) return `${text}\n${lines}`;
  return text.slice(0, end + 1) + lines + text.slice(end + 1);
}

function endWithLine(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

/** What the file is to say then. */
function withItem(value: unknown, [step, ...rest]: YamlPath, item: Plain): unknown {
  if (step === undefined) return [...(Array.isArray(value) ? value : []), item];
  if (typeof step === "number") {
    const list: unknown[] = Array.isArray(value) ? value : [];
    return list.map((each, i) => (i === step ? withItem(each, rest, item) : each));
  }
  const map = typeof value === "object" && value !== null ? value : {};
  return { ...map, [step]: withItem(Reflect.get(map, step), rest, item) };
}
