import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { sanitize, sanitizeLines } from "../../src/sanitize.ts";
import { oneLine } from "../../src/screen/one-line.ts";
import { cut, pad, width, wrap } from "../../src/screen/text.ts";

const strange = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom(
      "a",
      "\x1b",
      "[",
      "2J",
      "\u202e",
      "\u200b",
      "e\u0301",
      "漢",
      "👩‍👩‍👧",
      "🇫🇷",
      "☁️",
      "क्षि",
      "\ud800",
    ),
  }),
);

describe("sanitize", () => {
  it.each([
    ["\x1b[2J\x1b]0;owned\x07", "\\e[2J\\e]0;owned\\x07"],
    ["a\u202eb", "a\\u202eb"],
    ["a\u200bb\ufeff", "a\\u200bb\\ufeff"],
    ["line\nnext\r\t", "line\\nnext\\r\\t"],
    ["\x9b31m", "\\x9b31m"],
    ["\ud800x", "\\ud800x"],
    ["\u{e0041}", "\\u{e0041}"],
    ["e\u0301", "é"],
    ["\u0301x", "\\u0301x"],
    ["x\u0335\u0336\u0337", "x\u0335\u0336\\u0337"],
    ["👩‍👧", "👩\\u200d\\u{1f467}"],
  ])("spells out what is not plainly visible: %j", (from, to) => expect(sanitize(from)).toBe(to));

  it("leaves nothing that can act on a terminal, and every width as measured", () => {
    fc.assert(
      fc.property(strange, (text) => {
        const safe = sanitize(text);
        expect(safe).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
        expect(sanitize(safe)).toBe(safe);
        // Each character on its own is as wide as in its place: no terminal that joins, or does not, disagrees.
        const apart = [...safe].reduce((sum, char) => sum + (/\p{M}/u.test(char) ? 0 : stringWidth(char)), 0);
        expect(width(safe)).toBe(apart);
      }),
      { numRuns: 1000 },
    );
  });

  it("cuts what is huge before looking at it", () => {
    const began = performance.now();
    expect(sanitize("\x1b".repeat(5_000_000), 100)).toHaveLength(200);
    expect(sanitizeLines(`${"漢\n".repeat(5_000_000)}`).length).toBeLessThan(20_000);
    expect(performance.now() - began).toBeLessThan(500);
  });
});

describe("cells", () => {
  it("are exactly as wide as asked, whatever is in them", () => {
    fc.assert(
      fc.property(strange, fc.nat(30), (text, cells) => {
        expect(stringWidth(pad(sanitize(text), cells))).toBe(cells);
        expect(width(cut(sanitize(text), cells))).toBeLessThanOrEqual(cells);
      }),
      { numRuns: 1000 },
    );
  });

  it("cut with a sign of it, never through a wide character", () => {
    expect(cut("漢字漢字", 4)).toBe("漢…");
    expect(cut("abcdef", 4)).toBe("abc…");
    expect(cut("abcd", 4)).toBe("abcd");
  });

  it("wrap at spaces and lose nothing but them", () => {
    expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
    fc.assert(
      fc.property(strange, fc.integer({ min: 4, max: 40 }), (text, cells) => {
        const safe = sanitize(text);
        const lines = wrap(safe, cells);
        for (const line of lines) expect(width(line)).toBeLessThanOrEqual(cells);
        expect(lines.join("").replaceAll(/\s/g, "")).toBe(safe.replaceAll(/\s/g, ""));
      }),
    );
  });
});

describe("arguments on one line", () => {
  it.each([
    ['{"amount":50001,"currency":"usd"}', 'amount: 50001, currency: "usd"'],
    ['{"n":1.00000000000000000001}', "n: 1.00000000000000000001"],
    ['{"a b":{"c":[1,2]}}', '"a b": {c: [1, 2]}'],
    ['{"text":"say \\"hi\\": {","x', 'text: "say \\"hi\\": {", "x'],
    ["{}", ""],
  ])("%s", (json, line) => expect(oneLine(json)).toBe(line));
});
