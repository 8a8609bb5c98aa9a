/** Messages made wrong: first in their grammar (keys, values, spelling), then in their bytes. */
import { CORPUS, KEYS, POISON, type Value } from "./corpus.ts";
import type { Random } from "./random.ts";

/** How likely each place of a message is changed. */
const CHANGE = 0.04;

const SPACES = [
  " ",
  "\t",
  "\r",
  "\r\n",
  "\n",
  "\v",
  "\f",
  "\u0085",
  "\u00a0",
  "\u2028",
  "\ufeff",
  "\0",
  "\u001e",
] as const;
const BYTES = [
  ...[
    "\n",
    "\r",
    "\0",
    '"',
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\u2028",
    "\ufeff",
    "\u202e",
    "\\ud800",
    "\\n",
  ],
].map((text) => Buffer.from(text));
const BROKEN = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0xef, 0xbb, 0xbf], [0xf0, 0x9f]].map(
  (all) => Buffer.from(all),
);

/** Another frame each time. */
export function mutant(random: Random): Buffer {
  let text = spell(random.pick(CORPUS), random);
  if (random.chance(0.02)) text = `[${text},${spell(random.pick(CORPUS), random)}]`;
  if (random.chance(0.05)) text += random.pick(SPACES) + spell(random.pick(CORPUS), random);
  if (random.chance(0.005)) text = text.replace("{", `{"x":${"[".repeat(300)}${"]".repeat(300)},`);
  let bytes: Buffer = Buffer.from(text);
  while (random.chance(0.25)) bytes = corrupt(bytes, random);
  return bytes;
}

/** A value as JSON, more or less. */
function spell(value: Value, random: Random): string {
  if (random.chance(CHANGE)) value = random.pick(POISON);
  if (Array.isArray(value)) return `[${value.map((item) => spell(item, random)).join(comma(random))}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map((of) => member(of, random));
    if (random.chance(CHANGE)) members.push(member([random.pick(KEYS), random.pick(POISON)], random));
    if (random.chance(CHANGE)) members.reverse();
    return `{${members.join(comma(random))}}`;
  }
  if (typeof value === "string") return spellText(value, random);
  if (typeof value === "number") return spellNumber(value, random);
  return JSON.stringify(value);
}

function member([key, value]: [string, Value], random: Random): string {
  const spelled = `${spellText(key, random)}:${spell(value, random)}`;
  if (!random.chance(CHANGE)) return spelled;
  const twin = `${spellText(disguised(key, random), random)}:${spell(random.pick(POISON), random)}`;
  return random.chance(0.5) ? `${spelled},${twin}` : `${twin},${spelled}`;
}

/** The same key to some readers. */
function disguised(key: string, random: Random): string {
  switch (random.below(7)) {
    case 0:
      return key.toUpperCase();
    case 1:
      return key.charAt(0).toUpperCase() + key.slice(1);
    case 2:
      return key.replace("s", "\u017f");
    case 3:
      return `${key} `;
    case 4:
      return `${key}\u200b`;
    case 5:
      return key.replace(/[a-z]/, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)); // full width
    default:
      return key;
  }
}

function spellText(text: string, random: Random): string {
  const disguise = random.chance(CHANGE / 2) ? disguised(text, random) : text;
  let spelled = JSON.stringify(disguise);
  if (random.chance(CHANGE)) {
    spelled = spelled.replace(/[a-z/]/g, (c) =>
      random.chance(0.3) ? `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}` : c,
    );
  }
  return spelled;
}

function spellNumber(value: number, random: Random): string {
  if (!random.chance(CHANGE * 3)) return String(value);
  return random.pick([
    value.toExponential(),
    `${value}.0`,
    `${value}e0`,
    `${value}${"0".repeat(20)}`,
    `0.${"0".repeat(25)}${value}e30`,
    `"${value}"`,
    `0x${Math.trunc(Math.abs(value)).toString(16)}`,
    "-0",
    "1e400",
    "NaN",
  ]);
}

const comma = (random: Random) => (random.chance(CHANGE) ? `,${random.pick(SPACES)}` : ",");

function corrupt(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  const until = Math.min(bytes.length, at + 1 + random.below(8));
  const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (random.below(6)) {
    case 0:
      return Buffer.concat([head, bytes.subarray(until)]);
    case 1:
      return Buffer.concat([head, bytes.subarray(at, until), tail]);
    case 2:
      return head;
    case 3: {
      const flipped = Buffer.from(bytes);
      if (at < flipped.length) flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8));
      return flipped;
    }
    case 4:
      return Buffer.concat([head, BROKEN[random.below(BROKEN.length)] ?? Buffer.alloc(0), tail]);
    default:
      return Buffer.concat([head, BYTES[random.below(BYTES.length)] ?? Buffer.alloc(0), tail]);
  }
}
