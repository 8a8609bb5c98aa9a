import type { Plugin } from "callgate/plugin";

type Kind = "email" | "phone" | "card" | "iban" | "ssn";

interface Config {
  readonly kinds: readonly Kind[];
}

/** The check digit of card numbers (ISO/IEC 7812-1, Luhn). */
function isCard(text: string): boolean {
  const digits = text.replace(/\D/g, "");
  const sum = [...digits].reverse().reduce((total, digit, i) => {
    const value = Number(digit) * (i % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return digits.length >= 13 && sum % 10 === 0 && !/^0+$/.test(digits);
}

/** The check digits of bank account numbers (ISO 13616, mod 97). */
function isIban(text: string): boolean {
  const bare = text.replace(/\s/g, "");
  const moved = bare.slice(4) + bare.slice(0, 4);
  let rest = 0;
  for (const sign of moved) rest = Number(`${rest}${Number.parseInt(sign, 36)}`) % 97;
  return rest === 1;
}

/** In this order: what is longer and has check digits goes first. */
const KINDS: readonly (readonly [kind: Kind, pattern: RegExp, holds: (text: string) => boolean])[] = [
  ["email", /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g, () => true],
  ["iban", /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g, isIban],
  ["card", /\b\d(?:[ -]?\d){12,18}\b/g, isCard],
  ["ssn", /\b(?!000|666|9\d\d)\d{3}-(?!00)\d\d-(?!0000)\d{4}\b/g, () => true],
  [
    "phone",
    /(?<![\w.])(?:\+\d{1,3}(?:[ .-]?\(?\d{2,5}\)?){2,5}|(?:\(\d{2,4}\)[ .-]?|\d{3}[ .-])\d{3}[ .-]\d{3,4})(?!\w)/g,
    () => true,
  ],
];

/** Takes personal data out of results before the agent reads them: in texts and structured content alike. */
export default {
  name: "pii-redactor",
  description: "Personal data does not reach the agent",
  config: {
    kinds: {
      type: "array",
      items: { type: "string", enum: KINDS.map(([kind]) => kind) },
      default: KINDS.map(([kind]) => kind),
      description: "what is taken out",
    },
  },

  onResult(_call, _result, ctx) {
    return ctx.redact((text) => {
      let clean = text;
      for (const [kind, pattern, holds] of KINDS) {
        if (!ctx.config.kinds.includes(kind)) continue;
        clean = clean.replace(pattern, (found) => (holds(found) ? `[${kind}]` : found));
      }
      return clean;
    });
  },
} satisfies Plugin<Config>;
