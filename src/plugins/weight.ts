/** Bytes that the parts of JSON take once they are read, apart from text. Measured, and rounded up. */
const ARRAY_OR_OBJECT = 48;
const MEMBER = 64;
const ITEM = 16;

/** Characters that no plugin has too little memory for. */
const LIGHT = 64 * 1024;

/**
 * Whether JSON is more than crosses between gateway and plugin: whoever reads it cannot be stopped, so that without a
 * limit an agent could end the host by what it sends, and with the host the plugin.
 *
 * @param memory MB that the plugin has
 */
export const tooMuch = (json: string, memory: number): boolean =>
  json.length > LIGHT && weightOf(json) > (memory * 1024 * 1024) / 2;

/** About how much memory it takes to have JSON and what it says, in bytes: small things weigh more than their text. */
export function weightOf(json: string): number {
  let weight = 2 * json.length;
  for (let at = 0; at < json.length; at++) {
    switch (json.charCodeAt(at)) {
      case 0x22: // "
        at = endOfText(json, at);
        break;
      case 0x5b: // [
      case 0x7b: // {
        weight += ARRAY_OR_OBJECT;
        break;
      case 0x3a: // :
        weight += MEMBER;
        break;
      case 0x2c: // ,
        weight += ITEM;
    }
  }
  return weight;
}

/** Where the text that starts at `start` has its closing quote. */
function endOfText(json: string, start: number): number {
  for (let at = start + 1; ; at++) {
    at = json.indexOf('"', at);
    if (at < 0) return json.length;
    let escapes = 0;
    while (json.charCodeAt(at - 1 - escapes) === 0x5c) escapes++;
    if (escapes % 2 === 0) return at;
  }
}
