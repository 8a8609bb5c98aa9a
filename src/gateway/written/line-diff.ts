/** Unchanged lines shown around a change. */
const CONTEXT = 3;
/** Most lines compared one by one; what is longer is shown as taken out and put in whole. */
const MOST = 3_000;

interface DiffLine {
  readonly mark: " " | "+" | "-";
  readonly text: string;
}

/** What turns one text into the other, line by line, each after its mark: a unified diff without heads. */
export function lineDiff(before: string, after: string): string[] {
  const lines = diff(before.split("\n"), after.split("\n"));
  const changed = lines.map(({ mark }) => mark !== " ");
  const near = (i: number) => changed.slice(Math.max(0, i - CONTEXT), i + CONTEXT + 1).includes(true);
  return lines.flatMap(({ mark, text }, i) => {
    if (!near(i)) return [];
    return [...(i > 0 && !near(i - 1) ? ["  ..."] : []), `${mark} ${text}`];
  });
}

function diff(a: readonly string[], b: readonly string[]): DiffLine[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const same = (lines: readonly string[]) => lines.map((text): DiffLine => ({ mark: " ", text }));
  return [
    ...same(a.slice(0, start)),
    ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...same(a.slice(a.length - end)),
  ];
}

/** By the longest common subsequence. */
function middle(a: readonly string[], b: readonly string[]): DiffLine[] {
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  if (a.length <= MOST && b.length <= MOST) {
    const width = b.length + 1;
    const longest = new Uint16Array((a.length + 1) * width);
    const at = (i: number, j: number) => longest[i * width + j] ?? 0;
    for (let i = a.length - 1; i >= 0; i--)
      for (let j = b.length - 1; j >= 0; j--)
        longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    while (i < a.length && j < b.length) {
      if (a[i] === b[j]) {
        lines.push({ mark: " ", text: a[i] ?? "" });
        i++;
        j++;
      } else if (at(i + 1, j) >= at(i, j + 1)) lines.push({ mark: "-", text: a[i++] ?? "" });
      else lines.push({ mark: "+", text: b[j++] ?? "" });
    }
  }
  lines.push(...a.slice(i).map((text): DiffLine => ({ mark: "-", text })));
  lines.push(...b.slice(j).map((text): DiffLine => ({ mark: "+", text })));
  return lines;
}
