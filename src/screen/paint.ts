/**
 * Colours by meaning. Only the terminal's own sixteen, so that they suit its theme, light or dark; and never
 * colour alone: with NO_COLOR the words, marks and weights still say everything.
 */
export type Tone =
  | "plain"
  | "quiet"
  | "strong"
  | "accent"
  | "good"
  | "bad"
  | "warn"
  | "chosen"
  | "alarm"
  | "wrong";

type Code = { open: string; close: string };

function codes(color: boolean): Record<Tone, Code> {
  const bold = { open: "\x1b[1m", close: "\x1b[22m" };
  const tint = (n: number): Code => ({ open: `\x1b[${n}m`, close: "\x1b[39m" });
  return {
    plain: { open: "", close: "" },
    quiet: { open: "\x1b[2m", close: "\x1b[22m" },
    strong: bold,
    accent: color ? { open: "\x1b[1;36m", close: "\x1b[22;39m" } : bold,
    good: color ? tint(32) : { open: "", close: "" },
    bad: color ? { open: "\x1b[1;31m", close: "\x1b[22;39m" } : bold,
    warn: color ? tint(33) : bold,
    chosen: { open: "\x1b[7m", close: "\x1b[27m" },
    wrong: color ? { open: "\x1b[4;31m", close: "\x1b[24;39m" } : { open: "\x1b[4m", close: "\x1b[24m" },
    alarm: color
      ? { open: "\x1b[1;7;31m", close: "\x1b[22;27;39m" }
      : { open: "\x1b[1;7m", close: "\x1b[22;27m" },
  };
}

const table = codes(!process.env.NO_COLOR);

/** `text` in a tone. Tones do not nest: a line is made of painted pieces side by side. */
export function paint(text: string, tone: Tone): string {
  if (tone === "plain" || text === "") return text;
  const { open, close } = table[tone];
  return open + text + close;
}
