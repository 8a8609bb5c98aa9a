import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decimal,
  decimalFromText,
  formatMicros,
  MAX_MICROS,
  survivesDouble,
} from "../../src/policy/counters/decimal.ts";

test.each([
  ["0", 0n],
  ["-0", 0n],
  ["-0.000", 0n],
  ["0.01", 10_000n],
  ["12.50", 12_500_000n],
  ["1.000000000000", 1_000_000n],
  ["1e3", 1_000_000_000n],
  ["1E-6", 1n],
  ["15e-1", 1_500_000n],
  ["0e999999999999", 0n],
  ["1000000000000", MAX_MICROS],
  ["1000000000000.000001", "too_large"],
  ["1e400", "too_large"],
  ["1e999999999999999999", "too_large"],
  ["1e-999999999999999999", "too_many_places"],
  ["0.0000001", "too_many_places"],
  ["1.0000001", "too_many_places"],
  ["-1", "negative"],
  ["-1e400", "negative"],
  ["", "not_a_number"],
  [".", "not_a_number"],
  ["e5", "not_a_number"],
  ["1e", "not_a_number"],
  ["NaN", "not_a_number"],
  ["Infinity", "not_a_number"],
  ["0x10", "not_a_number"],
  [" 1", "not_a_number"],
  ["1_000", "not_a_number"],
  ["١", "not_a_number"],
])("the text %j is %s", (text, expected) => {
  expect(decimalFromText(text)).toBe(expected);
});

test.each([
  [50_000, 50_000_000_000n],
  [0.1, 100_000n],
  [-0, 0n],
  [1e12, MAX_MICROS],
  [1e21, "too_large"],
  [1e-7, "too_many_places"],
  [-5, "negative"],
  [Number.NaN, "nan"],
  [Number.POSITIVE_INFINITY, "infinite"],
  [Number.NEGATIVE_INFINITY, "infinite"],
  ["50000", "not_a_number"],
  ["1e5", "not_a_number"],
  [null, "not_a_number"],
  [true, "not_a_number"],
  [undefined, "not_a_number"],
  [[5], "not_a_number"],
  [{ rawJSON: "5" }, "not_a_number"],
  [JSON.rawJSON("123456789012.123457"), 123_456_789_012_123_457n],
  [JSON.rawJSON("0.00000010000000000000000001"), "too_many_places"],
])("the value %s is %s", (value, expected) => {
  expect(decimal(value)).toBe(expected);
});

const micros = fc.bigInt({ min: 0n, max: MAX_MICROS });

test("text and micros agree, however the number is written", () => {
  fc.assert(
    fc.property(micros, fc.integer({ min: -20, max: 20 }), fc.nat(5), (amount, shift, zeros) => {
      const text = formatMicros(amount);
      expect(decimalFromText(text)).toBe(amount);
      const [whole = "", fraction = ""] = text.split(".");
      expect(decimalFromText(`${"0".repeat(zeros)}${whole}.${fraction}${"0".repeat(zeros)}`)).toBe(amount);
      // The same number as digits and an exponent.
      expect(decimalFromText(`${amount}e-6`)).toBe(amount);
      const padded = shift >= 0 ? `${amount}${"0".repeat(shift)}` : String(amount);
      expect(decimalFromText(`${padded}e${-6 - Math.max(shift, 0)}`)).toBe(amount);
    }),
  );
});

test("a sum of doubles is exact", () => {
  const cents = fc.integer({ min: 0, max: 1_000_000 });
  fc.assert(
    fc.property(fc.array(cents), (amounts) => {
      const sum = amounts.reduce((total, each) => {
        const value = decimal(each / 100);
        return total + (typeof value === "bigint" ? value : -1n);
      }, 0n);
      expect(sum).toBe(BigInt(amounts.reduce((a, b) => a + b, 0)) * 10_000n);
    }),
  );
});

test("no text and no double throws or passes for a negative amount", () => {
  fc.assert(
    fc.property(fc.oneof(fc.double(), fc.string(), fc.jsonValue()), (value) => {
      const read = decimal(value);
      if (typeof read === "bigint") expect(read >= 0n && typeof value === "number" && value >= 0).toBe(true);
      if (typeof value === "number" && value < 0) expect(read).toMatch(/negative|infinite/);
    }),
  );
});

test("a double survives when its shortest text is the same number", () => {
  expect(survivesDouble("0.10", 0.1)).toBe(true);
  expect(survivesDouble("1e3", 1000)).toBe(true);
  expect(survivesDouble("9007199254740993", 9007199254740992)).toBe(false);
  expect(survivesDouble(".nan", Number.NaN)).toBe(false);
});
