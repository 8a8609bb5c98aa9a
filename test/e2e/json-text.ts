/** JSON as text, spelled in all the ways that JSON allows and that a careless relay would lose. */
import fc from "fast-check";

const space = fc.constantFrom("", "", "", " ", "\t", "\r", "  ");

/** Some characters written as escapes, in either case. */
function spelled(text: string, seed: number): string {
  let spelling = "";
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const hex = code.toString(16).padStart(4, "0");
    const escaped = `\\u${(seed >> (i % 16)) & 1 ? hex : hex.toUpperCase()}`;
    const must = code < 0x20 || code === 0x22 || code === 0x5c;
    // The halves of a pair are spelled alike: half a pair beside an escape is no valid UTF-8.
    const surrogate = code >= 0xd800 && code <= 0xdfff;
    const wanted = surrogate ? (seed & 1) === 1 : (seed >> (i % 30)) % 5 === 1;
    spelling += must || wanted ? escaped : text[i];
  }
  return `"${spelling}"`;
}

const text = fc
  .tuple(fc.string({ unit: "binary", maxLength: 20 }), fc.nat())
  .map(([value, seed]) => ({ value, text: spelled(value, seed) }));
const number = fc.stringMatching(/^-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?$/);

/** Any JSON value. */
export const { value: jsonText } = fc.letrec<{ value: string; list: string; object: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    number,
    text.map((t) => t.text),
    fc.constantFrom("true", "false", "null", "{}", "[]"),
    tie("list"),
    tie("object"),
  ),
  list: fc
    .tuple(fc.array(tie("value"), { maxLength: 4 }), space)
    .map(([items, gap]) => `[${gap}${items.join(`${gap},${gap}`)}${gap}]`),
  object: objectOf(tie("value")),
}));

export const objectText = objectOf(jsonText);

function objectOf(member: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const entries = fc.uniqueArray(fc.tuple(text, member), { selector: ([key]) => key.value, maxLength: 4 });
  return fc.tuple(entries, space).map(([all, gap]) => {
    const members = all.map(([key, of]) => `${key.text}${gap}:${gap}${of}`);
    return `{${gap}${members.join(`${gap},`)}${gap}}`;
  });
}

/** A message whose members stand in any order. */
export function messageText(members: Readonly<Record<string, fc.Arbitrary<string>>>): fc.Arbitrary<string> {
  const all = Object.entries({ jsonrpc: fc.constant('"2.0"'), ...members });
  const pairs = fc.tuple(...all.map(([key, of]) => of.map((t) => `"${key}":${t}`)));
  const order = fc.shuffledSubarray([...all.keys()], { minLength: all.length });
  return fc
    .tuple(pairs, order, space)
    .map(([texts, by, gap]) => `{${gap}${by.map((i) => texts[i]).join(`${gap},${gap}`)}${gap}}`);
}

/** The value of a JSON text, with every number as its digits. */
export const digits = (json: string): unknown =>
  JSON.parse(json, (_key, value, context?: { source: string }) =>
    typeof value === "number" ? { digits: context?.source } : value,
  );
