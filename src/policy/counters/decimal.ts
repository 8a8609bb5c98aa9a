/**
 * Exact amounts: decimals to six places, as a bigint of millionths ("micros"). Sums of money never go through
 * binary fractions.
 */
export const PLACES = 6;
const MICRO = 1_000_000n;

/** 10^12 units, so that a 64-bit store has room to add amounts up. */
export const MAX_MICROS = 1_000_000_000_000n * MICRO;
/** Digits of the whole part of `MAX_MICROS`. */
const MAX_WHOLE_DIGITS = 13;

/** Why something is not an amount. */
export type DecimalFault = "not_a_number" | "nan" | "infinite" | "negative" | "too_many_places" | "too_large";

/** What an amount must be, for the end of a sentence that starts with the amount. */
export const DECIMAL_RULES: Readonly<Record<DecimalFault, string>> = {
  not_a_number: "amounts must be numbers",
  nan: "amounts must be numbers",
  infinite: "amounts must be finite",
  negative: "amounts must not be negative",
  too_many_places: `amounts have at most ${PLACES} decimal places`,
  too_large: `amounts must be at most ${MAX_MICROS / MICRO}`,
};

/** A number split into its digits: value = ±digits · 10^exponent, without leading or trailing zeros. */
interface Digits {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

const NUMBER = /^([-+]?)(\d*)(?:\.(\d*))?(?:[eE]([-+]?\d+))?$/;

function digitsOf(text: string): Digits | null {
  const match = NUMBER.exec(text);
  if (match === null) return null;
  const [, sign, whole = "", fraction = "", power = "0"] = match;
  if (whole === "" && fraction === "") return null;
  const all = (whole + fraction).replace(/^0+/, "");
  let end = all.length;
  while (end > 0 && all[end - 1] === "0") end--;
  const digits = all.slice(0, end);
  if (digits === "") return { negative: false, digits: "", exponent: 0 };
  return { negative: sign === "-", digits, exponent: Number(power) - fraction.length + (all.length - end) };
}

/** Micros of a decimal number's text (`12.50`, `1e-3`); of one below zero only where `signed`. */
export function decimalFromText(text: string, signed = false): bigint | DecimalFault {
  const parsed = digitsOf(text);
  if (parsed === null) return "not_a_number";
  const { negative, digits, exponent } = parsed;
  if (digits === "") return 0n;
  if (negative && !signed) return "negative";
  // Sizes are judged on the exponent before any bigint is made: `1e999999999` must cost nothing.
  if (digits.length + exponent > MAX_WHOLE_DIGITS) return "too_large";
  if (-exponent > PLACES) return "too_many_places";
  const micros = BigInt(digits) * 10n ** BigInt(exponent + PLACES);
  if (micros > MAX_MICROS) return "too_large";
  return negative ? -micros : micros;
}

/** Micros of a JSON number: a double, or the text of a number that no double holds (`ExactNumber`). */
export function decimal(value: unknown, signed = false): bigint | DecimalFault {
  if (typeof value === "number") {
    if (Number.isSafeInteger(value) && value >= 0 && value <= 1e12) return BigInt(value) * MICRO;
    if (Number.isNaN(value)) return "nan";
    if (value === Infinity || value === -Infinity) return "infinite";
    return decimalFromText(String(value), signed);
  }
  if (typeof value === "object" && value !== null && JSON.isRawJSON(value)) {
    return decimalFromText(value.rawJSON, signed);
  }
  return "not_a_number";
}

/** Micros as decimal text without needless zeros: 10_000n is "0.01". */
export function formatMicros(micros: bigint): string {
  const sign = micros < 0n ? "-" : "";
  const size = micros < 0n ? -micros : micros;
  const part = size % MICRO;
  const whole = `${sign}${size / MICRO}`;
  return part === 0n ? whole : `${whole}.${part.toString().padStart(PLACES, "0").replace(/0+$/, "")}`;
}

/** Exponents beyond this are kept as such. */
const LONGEST_PLAIN = 40;

/** A number's text in one form for all that mean the same: "05", "+5.0" and "5e0" are "5". Null for other text. */
export function numeral(text: string): string | null {
  const parsed = digitsOf(text);
  if (parsed === null) return null;
  const { negative, digits, exponent } = parsed;
  const sign = negative ? "-" : "";
  if (digits === "") return "0";
  if (Math.abs(exponent) > LONGEST_PLAIN) return `${sign}${digits}e${exponent}`;
  if (exponent >= 0) return `${sign}${digits}${"0".repeat(exponent)}`;
  const padded = digits.padStart(1 - exponent, "0");
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

/** Whether a double means exactly what its source text says. */
export function survivesDouble(text: string, value: number): boolean {
  const a = digitsOf(text);
  const b = digitsOf(String(value));
  return (
    a !== null &&
    b !== null &&
    a.negative === b.negative &&
    a.digits === b.digits &&
    a.exponent === b.exponent
  );
}
