import type { Detector, Match } from "./match.ts";

/** Words that say of a name that its value is a password. */
const PASSWORD = /^(?:pass(?:word|wd|phrase|code)?|pwd)$/;
/** Words that say of a name that its value is a token or key of some kind. */
const TOKEN = /^(?:secrets?|tokens?|apikeys?|accesskeys?|privatekey|credentials?|authorization|cookie|otp)$/;
const PAIRS =
  /^(?:api|access|private|secret|signing|encryption|auth|client|refresh|bearer|session)(?:keys?|tokens?|secrets?)$/;
/** Last words of names of what is about a secret and not one: `password_length`, `next_page_token`. */
const ABOUT =
  /^(?:count|counts|length|limit|size|min|max|policy|name|names|type|id|ids|expires|expiry|expiration|ttl|age|url|uri|path|file|field|enabled|required|version|hint|pagetoken|nexttoken|synctoken)$/;

type Kind = "password" | "token";

/** What a name says of its value; null where nothing. */
export function kindOf(name: string): Kind | null {
  const words = name
    .slice(0, 128)
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== "");
  const last = words.at(-1);
  if (last === undefined || ABOUT.test(last) || ABOUT.test(words.slice(-2).join(""))) return null;
  if (words.some((word) => PASSWORD.test(word))) return "password";
  return words.some((word, i) => TOKEN.test(word) || PAIRS.test(word + (words[i + 1] ?? "")))
    ? "token"
    : null;
}

const LONGEST = 4_096;

/** Whether the value of a telling name is likely the secret itself. */
function isSecret(kind: Kind, value: string): boolean {
  if (/\s/.test(value) || value.length > LONGEST) return false;
  return kind === "password" ? value.length >= 4 : value.length >= 8 && random(value);
}

/** Whether a text looks drawn by chance: letters and digits mixed, few of them twice. */
export function random(value: string): boolean {
  const kinds = [/[a-z]/, /[A-Z]/, /\d/].filter((kind) => kind.test(value)).length;
  if (kinds < 2) return false;
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let entropy = 0;
  for (const count of counts.values()) entropy -= (count / value.length) * Math.log2(count / value.length);
  return entropy >= Math.min(3, Math.log2(value.length) - 0.6);
}

/** `name: value`, `name=value`, `"name": "value"`; the name starts where a run of its characters does. */
const ASSIGNED =
  /(?<![A-Za-z0-9_.-])([A-Za-z][A-Za-z0-9_.-]{2,63})["'`]?[ \t]{0,4}(?:=>|[:=])[ \t]{0,4}["'`]?([^\s"'`,;&]{4,512})/g;

/** `<name>value</name>` */
const ELEMENT =
  /(?<=<)([A-Za-z][A-Za-z0-9_.:-]{2,63})(?:\s[^<>]{0,256})?>\s{0,4}([^\s<>]{4,512})(?=\s{0,4}<\/)/g;

/** Secrets told by the name beside them: the key they are the value of, or the words before them in the text. */
export const named: Detector = (text, key) => {
  const kind = key === null ? null : kindOf(key);
  if (kind !== null && isSecret(kind, text)) return [{ start: 0, end: text.length, what: "secret" }];
  const found: Match[] = [];
  for (const match of [ASSIGNED, ELEMENT].flatMap((form) => [...text.matchAll(form)])) {
    const [all, name = "", value = ""] = match;
    const said = kindOf(name);
    if (said === null || !isSecret(said, value)) continue;
    const end = match.index + all.length;
    found.push({ start: end - value.length, end, what: "secret" });
  }
  return found;
};
