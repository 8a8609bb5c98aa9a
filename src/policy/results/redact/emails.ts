import type { Detector, Match } from "./match.ts";

const LOCAL = /[\p{L}\p{N}!#$%&'*+/=?^_`{|}~.-]/u;
const DOMAIN = /^(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62})\.){1,8}[\p{L}][\p{L}\p{N}-]{1,62}/u;
const MAX_LOCAL = 64;

/** Email addresses: looked for around each @, so that no text takes long. */
export const emails: Detector = (text) => {
  const found: Match[] = [];
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    let start = at;
    while (start > 0 && at - start < MAX_LOCAL && LOCAL.test(text[start - 1] ?? "")) start--;
    const domain = DOMAIN.exec(text.slice(at + 1, at + 256))?.[0];
    if (start < at && domain !== undefined) found.push({ start, end: at + 1 + domain.length, what: "email" });
  }
  return found;
};
