/** Measuring, cutting and padding of sanitised text, in terminal cells. */
import stringWidth from "string-width";

/** One cell a code unit, known without measuring: ASCII, and the marks this screen itself draws with. */
const PLAIN = /^[\x20-\x7e…✓✗━╌─│▌▸▾●○·▁-█]*$/;
const segmenter = new Intl.Segmenter();

/** Cells that `text` takes. */
export function width(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text);
}

/** `text` in at most `cells` cells, the cut shown as `…`. */
export function cut(text: string, cells: number): string {
  if (cells <= 0) return "";
  // A character takes one cell or more but for its marks: this much surely overflows, and costs little.
  const head = text.length > cells * 8 ? text.slice(0, cells * 8) : text;
  if (head === text && width(text) <= cells) return text;
  if (PLAIN.test(head)) return `${head.slice(0, cells - 1)}…`;
  return `${take(head, cells - 1)}…`;
}

/** `text` in exactly `cells` cells. */
export function pad(text: string, cells: number, align: "left" | "right" = "left"): string {
  const short = cut(text, cells);
  const space = " ".repeat(Math.max(0, cells - width(short)));
  return align === "left" ? short + space : space + short;
}

/** `text` in lines of at most `cells` cells, broken at spaces where there are any. In one pass: it may be long. */
export function wrap(text: string, cells: number): string[] {
  const lines: string[] = [];
  const plain = PLAIN.test(text);
  let [start, space, used] = [0, -1, 0];
  let at = 0;
  for (const segment of plain ? text : graphemes(text)) {
    const wide = plain ? 1 : width(segment);
    if (used + wide > cells && at > start) {
      const end = segment === " " || space - start < cells / 2 ? at : space;
      lines.push(text.slice(start, end).trimEnd());
      start = end;
      while (start < at && text[start] === " ") start++;
      used = width(text.slice(start, at));
      space = -1;
      if (segment === " " && start === at) {
        at += 1;
        start = at;
        continue;
      }
    }
    if (segment === " ") space = at;
    used += wide;
    at += segment.length;
  }
  lines.push(text.slice(start));
  return lines;
}

function* graphemes(text: string): Iterable<string> {
  for (const { segment } of segmenter.segment(text)) yield segment;
}

function take(text: string, cells: number): string {
  if (PLAIN.test(text)) return text.slice(0, cells);
  let taken = "";
  let used = 0;
  for (const segment of graphemes(text)) {
    used += width(segment);
    if (used > cells) break;
    taken += segment;
  }
  return taken;
}
