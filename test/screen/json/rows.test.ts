import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { type Folds, jsonRows, NO_FOLDS } from "../../../src/screen/json/rows.ts";
import { jsonTree } from "../../../src/screen/json/tree.ts";

const rowsOf = (json: unknown, folds: Folds = NO_FOLDS, cells = 40) =>
  jsonRows(jsonTree(JSON.stringify(json), false), "it", folds, cells);
const texts = (...args: Parameters<typeof rowsOf>) =>
  rowsOf(...args).map(({ pieces }) => pieces.map(({ text }) => text).join(""));
const opened = (path: string): Folds => ({ all: null, paths: new Map([[path, false]]) });

describe("JSON as rows", () => {
  it("indents, and puts what is small into one row", () => {
    expect(texts({ a: 1, tags: ["x", "y"], none: {}, who: { id: 7, deep: { er: { a: true } } } })).toEqual([
      "▾ {",
      "    a: 1",
      '    tags: ["x", "y"]',
      "    none: {}",
      "  ▾ who: {",
      "      id: 7",
      "    ▾ deep: {",
      "        er: { a: true }",
      "      }",
      "    }",
      "  }",
    ]);
  });

  it("folds long texts and says how long they are; unfolded, their lines are lines", () => {
    const long = { note: `one\ntwo ${"x".repeat(60)}`, b: 1 };
    expect(texts(long)[1]).toMatch(/^ {2}▸ note: "one\\ntwo x+… {2}68 characters$/);
    const open = texts(long, opened("it\nnote"));
    expect(open.slice(1, 4)).toEqual(["  ▾ note: 68 characters", "      one", `      two ${"x".repeat(30)}`]);
  });

  it("begins with much and deep things folded, and unfolds and folds all", () => {
    const deep = { list: Array.from({ length: 100 }, (_, i) => i) };
    expect(texts(deep)[1]).toBe("  ▸ list: […]  100 items");
    expect(texts(deep, opened("it\nlist"))).toHaveLength(104);
    expect(texts({ a: { b: [1, [2, [3]]] } }, { all: true, paths: new Map() })).toEqual([
      "▾ {",
      "  ▸ a: {…}  1 key",
      "  }",
    ]);
  });

  it("shows JSON in a string as JSON, and copies the string", () => {
    const text = JSON.stringify({ id: "ch_1", list: [[1]] });
    const rows = rowsOf({ text });
    expect(rows[1]?.pieces.map((piece) => piece.text).join("")).toContain("text: {  JSON in a string");
    expect(rows[1]?.copy).toBe(text);
  });

  it("bounds what nobody can read, at any width", () => {
    const huge = {
      text: "line\n".repeat(6_000),
      many: Array.from({ length: 9_000 }, (_, i) => ({ i, j: [[i]] })),
    };
    for (const cells of [12, 80]) {
      const rows = texts(huge, { all: false, paths: new Map() }, cells);
      expect(rows.length).toBeLessThan(5_000);
      expect(rows.join("\n")).toContain("more lines: y copies all");
    }
    let nested: unknown = 1;
    for (let depth = 0; depth < 500; depth++) nested = [nested, [depth]];
    expect(texts(nested, { all: false, paths: new Map() }).length).toBeLessThan(1_000);
  });

  it("leaves nothing in a row that is not plainly visible", () => {
    const evil = "\x1b[2J\u202e\u200d\u0301漢\x07".repeat(50);
    for (const folds of [NO_FOLDS, { all: false, paths: new Map() }])
      for (const text of texts(
        { [evil]: evil, list: [evil, 1], inner: JSON.stringify({ [evil]: evil }) },
        folds,
      )) {
        expect(text).not.toMatch(/[\x00-\x1f\x7f\u202e\u200d]/);
        expect(stringWidth(text)).toBeGreaterThan(0);
      }
  });
});
