import { type Detector, matchesOf } from "./match.ts";

/** Between groups of digits: spaces and hyphens of several widths. */
const BETWEEN = "[ \\u00a0\\u2007-\\u200a\\u202f\\u2010-\\u2014-]";
const CANDIDATE = new RegExp(`(?<!\\d[.,]?)\\d(?:${BETWEEN}?\\d){12,18}(?!\\d)`, "g");
const SEPARATORS = new RegExp(BETWEEN, "g");

/** Numbers of payment cards: 13 to 19 digits of a known issuer, with a right check digit. */
export const cards: Detector = (text) =>
  matchesOf(CANDIDATE, text, "card").filter(({ start, end }) => isCard(text.slice(start, end)));

export function isCard(text: string): boolean {
  const digits = text.replace(SEPARATORS, "");
  return digits.length >= 13 && digits.length <= 19 && ISSUERS.test(digits) && luhn(digits);
}

/** Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay, Maestro. */
const ISSUERS = /^(?:4|5[1-5]|2[2-7]|3[47]|6(?:011|4[4-9]|5|2)|3(?:0[0-5]|[68])|35|5[06-9])/;

function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const twice = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += i % 2 === 0 ? digit : twice;
  }
  return sum % 10 === 0;
}
