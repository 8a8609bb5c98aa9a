/**
 * Arguments as one line: `amount: 50001, currency: "usd"`. Works on the text, not on the value, so that numbers
 * keep their digits and a preview that was cut in the middle reads as well as a whole one.
 */
export function oneLine(json: string): string {
  let out = "";
  for (let i = 0; i < json.length; i++) {
    const char = json[i];
    if (char === '"') {
      const end = stringEnd(json, i);
      const text = json.slice(i, end);
      out += json[end] === ":" && /^"[\w.$-]+"$/.test(text) ? text.slice(1, -1) : text;
      i = end - 1;
    } else if (char === ":" || char === ",") out += `${char} `;
    else if (char !== " " && char !== "\n") out += char;
  }
  const inner = /^\{(.*)\}$/s.exec(out)?.[1] ?? (out.startsWith("{") ? out.slice(1) : out);
  return inner;
}

function stringEnd(json: string, start: number): number {
  for (let i = start + 1; i < json.length; i++) {
    if (json[i] === "\\") i++;
    else if (json[i] === '"') return i + 1;
  }
  return json.length;
}
