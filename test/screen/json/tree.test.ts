import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inner, type JsonNode, jsonTree } from "../../../src/screen/json/tree.ts";

/** The value that a whole tree stands for. */
function value(node: JsonNode): unknown {
  if (node.kind === "array") return node.entries.map((entry) => value(entry.node));
  if (node.kind !== "object") return JSON.parse(node.source);
  const pairs = node.entries.map(
    ({ key, node: of }) => `${JSON.stringify(key)}:${JSON.stringify(value(of))}`,
  );
  return JSON.parse(`{${pairs.join(",")}}`);
}

describe("a JSON tree", () => {
  it("stands for any JSON text", () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(0, 2), (text, indent) => {
        const json = JSON.parse(text);
        const tree = jsonTree(JSON.stringify(json, null, indent), false);
        expect(value(tree)).toEqual(JSON.parse(JSON.stringify(json)));
        expect(tree.whole).toBe(true);
      }),
    );
  });

  it("reads a text cut anywhere as far as it goes, and says so", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), (json, at) => {
        const text = JSON.stringify({ a: json, b: [json] });
        const cut = text.slice(0, 1 + (at % (text.length - 1)));
        expect(jsonTree(cut, true)).toMatchObject({ kind: "object", whole: false });
      }),
    );
  });

  it("reads anything at all", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[[\]{}",:\\ a1-]*$/)), (text) => {
        jsonTree(text, true);
      }),
    );
    expect(jsonTree("[".repeat(20_000), true).whole).toBe(false);
    expect(jsonTree("", false)).toMatchObject({ kind: "word", source: "" });
  });

  it("keeps the digits of numbers, both of two equal keys, and what each part is in the text", () => {
    const tree = jsonTree('{"n": 1.10000000000000000001, "n": [2, {"x":null}]}', false);
    expect(tree.entries.map(({ key, node }) => [key, node.source])).toEqual([
      ["n", "1.10000000000000000001"],
      ["n", '[2, {"x":null}]'],
    ]);
  });

  it("finds the JSON in a string, also where it was cut", () => {
    expect(inner(jsonTree(JSON.stringify('{"a": 1}'), false))?.entries[0]?.key).toBe("a");
    expect(inner(jsonTree(JSON.stringify("[draft] not JSON"), false))).toBeNull();
    expect(inner(jsonTree('"[1, 2, \\"thr', true))).toMatchObject({ kind: "array", whole: false });
  });
});
