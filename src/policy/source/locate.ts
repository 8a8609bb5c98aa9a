import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
  type YAMLMap,
} from "yaml";

/** A place in a file, both 1-based. */
export interface Place {
  readonly line: number;
  readonly col: number;
}

export type DataPath = readonly (string | number)[];

/** Finds where in the YAML a piece of its data was written. */
export interface Locator {
  /** The value at `path`; where it is left out or empty, the nearest thing around it. */
  value(path: DataPath): Place;
  /** The key of the member at `path`. */
  key(path: DataPath): Place;
  offset(offset: number): Place;
}

interface Member {
  readonly key: unknown;
  readonly value: unknown;
}

export function locator(doc: Document.Parsed, lines: LineCounter): Locator {
  const offset = (at: number): Place => {
    const { line, col } = lines.linePos(at);
    return { line: Math.max(line, 1), col: Math.max(col, 1) };
  };
  const follow = (node: unknown): unknown => (isAlias(node) ? node.resolve(doc) : node);

  // A file of many tools is looked up many times.
  const indexes = new WeakMap<YAMLMap, Map<string, Pair>>();
  function indexed(map: YAMLMap): Map<string, Pair> {
    let index = indexes.get(map);
    if (index === undefined) {
      index = new Map();
      for (const pair of map.items) {
        if (isScalar(pair.key) && !isMerge(pair.key)) index.set(String(pair.key.value), pair);
      }
      indexes.set(map, index);
    }
    return index;
  }

  function member(node: unknown, step: string | number): Member | null {
    const at = follow(node);
    if (isSeq(at)) return { key: null, value: at.items[Number(step)] ?? null };
    if (!isMap(at)) return null;
    const own = indexed(at).get(String(step));
    if (own !== undefined) return own;
    for (const pair of at.items) {
      if (!isScalar(pair.key) || !isMerge(pair.key)) continue;
      const merged = follow(pair.value);
      for (const source of isSeq(merged) ? merged.items : [merged]) {
        const found = member(source, step);
        if (found !== null) return found;
      }
    }
    return null;
  }

  function find(path: DataPath, wanted: "key" | "value"): Place {
    // The nearest written thing so far, for what is missing.
    let place = startOf(doc.contents) ?? 0;
    let node: unknown = doc.contents;
    for (const [i, step] of path.entries()) {
      const found = member(node, step);
      if (found === null) break;
      node = found.value;
      const key = startOf(found.key);
      const value = startOf(node);
      const asKey = wanted === "key" && i === path.length - 1;
      place = (asKey ? (key ?? value) : (value ?? key)) ?? place;
    }
    return offset(place);
  }

  return { value: (path) => find(path, "value"), key: (path) => find(path, "key"), offset };
}

const isMerge = (key: Node) => isScalar(key) && (key.value === "<<" || typeof key.value === "symbol");

/** Where a node's text starts; null where it has none (`rules:` with nothing after it). */
export function startOf(node: unknown): number | null {
  if (!isNode(node) || node.range === null || node.range === undefined) return null;
  const [start, end] = node.range;
  return start === end ? null : start;
}
