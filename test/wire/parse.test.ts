import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonError, MAX_DEPTH, parseStrict } from "../../src/wire/parse.ts";

describe("parseStrict", () => {
  it("reads every JSON value as JSON.parse does", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        expect(JSON.stringify(parseStrict(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it("takes nothing that JSON.parse does not take", () => {
    const json = fc.json({ maxDepth: 3 });
    fc.assert(
      fc.property(
        json,
        fc.nat(),
        fc.constantFrom("", ",", '"', "{", "]", "\\", "0", ".", "e", "\u0000", "x"),
        (text, at, insert) => {
          const i = at % (text.length + 1);
          const mutated = text.slice(0, i) + insert + text.slice(i + (insert === "" ? 1 : 0));
          const accepted = (parse: () => unknown) => {
            try {
              parse();
              return true;
            } catch {
              return false;
            }
          };
          if (accepted(() => parseStrict(mutated))) expect(accepted(() => JSON.parse(mutated))).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("writes every number back with the value it had", () => {
    const digits = fc.stringMatching(/^-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?$/);
    fc.assert(
      fc.property(digits, (text) => {
        const value = parseStrict(text);
        // A number is a double only if the double's shortest text names the same decimal.
        if (typeof value === "number") expect(decimal(String(value))).toEqual(decimal(text));
        else expect(JSON.stringify(value)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ["12345678901234567890", "12345678901234567890"],
    ["0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"],
    ["1e400", "1e400"],
    ["5e4", "50000"],
    ["50000.0", "50000"],
    ["-0", "0"],
  ])("keeps the digits of %s", (text, written) => {
    expect(JSON.stringify(parseStrict(text))).toBe(written);
  });

  it("keeps the spelling of every number where it is asked to", () => {
    const text = "[0.0,1E2,-0,1e400,12345678901234567890,7]";
    expect(JSON.stringify(parseStrict(text, true))).toBe(text);
  });

  it.each([
    ["a duplicate key", '{"a":1,"a":2}', "twice"],
    ["a duplicate key in disguise", '{"a":1,"\\u0061":2}', "twice"],
    ["a duplicate key deep down", '[{"x":{"k":1,"k":1}}]', "twice"],
    ["a duplicate __proto__", '{"__proto__":1,"__proto__":2}', "twice"],
    ["a lone surrogate", '["\\ud800"]', "lone surrogate"],
    ["a lone low surrogate in a key", '{"\\udc00":1}', "lone surrogate"],
    ["a byte order mark", "\ufeff{}", "byte order mark"],
    ["a raw control character", '["a\u0001"]', "control character"],
    ["a leading zero", "[01]", "number"],
    ["NaN", "[NaN]", "not the start"],
    ["two values", "{} {}", "after the value"],
    ["a trailing comma", "[1,]", "not the start"],
    ["a comment", "[1 /* */]", "comma"],
    ["no end", '{"a":', "ends"],
    ["too deep", "[".repeat(MAX_DEPTH + 1), "nested deeper"],
  ])("refuses %s", (_name, text, why) => {
    expect(() => parseStrict(text)).toThrow(JsonError);
    expect(() => parseStrict(text)).toThrow(why);
  });

  it("says where", () => {
    expect(() => parseStrict('{"a": 1, "a": 2}')).toThrow(expect.objectContaining({ offset: 9 }));
  });

  it("takes the deepest nesting allowed and paired surrogates", () => {
    expect(() => parseStrict("[".repeat(MAX_DEPTH) + "]".repeat(MAX_DEPTH))).not.toThrow();
    expect(parseStrict('"\\ud83d\\ude00"')).toBe("😀");
  });

  it("makes __proto__ a member and not a prototype", () => {
    const value = parseStrict('{"__proto__":{"admin":true}}') as Record<string, unknown>;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.hasOwn(value, "__proto__")).toBe(true);
    expect(value.admin).toBeUndefined();
  });
});

/** Digits and exponent of a decimal text, so that equal values are equal. */
function decimal(text: string): unknown {
  const [, sign, whole = "", fraction = "", power = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, "").replace(/0+$/, "");
  const shift = (whole + fraction).replace(/^0+/, "").length - digits.length;
  return digits === "" ? 0 : { sign, digits, exponent: Number(power) - fraction.length + shift };
}
