/**
 * Colours by meaning, in themes. Never colour alone: in the plain theme the words, marks and weights still say
 * everything.
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
  | "wrong"
  // Of JSON.
  | "key"
  | "text"
  | "number"
  | "word";

type Code = { readonly open: string; readonly close: string };
type Theme = Readonly<Record<Tone, Code>>;

const sgr = (open: string, close: string): Code => ({ open: `\x1b[${open}m`, close: `\x1b[${close}m` });
const NONE: Code = { open: "", close: "" };
const BOLD = sgr("1", "22");

const PLAIN: Theme = {
  plain: NONE,
  quiet: sgr("2", "22"),
  strong: BOLD,
  accent: BOLD,
  good: NONE,
  bad: BOLD,
  warn: BOLD,
  chosen: sgr("7", "27"),
  alarm: sgr("1;7", "22;27"),
  wrong: sgr("4", "24"),
  key: NONE,
  text: NONE,
  number: NONE,
  word: NONE,
};

/** A theme by the numbers of its colours, as SGR has them. */
function coloured(
  color: Record<"accent" | "good" | "bad" | "warn" | "key" | "text" | "number" | "word", string>,
): Theme {
  const tint = (code: string) => sgr(code, "39");
  return {
    ...PLAIN,
    accent: sgr(`1;${color.accent}`, "22;39"),
    good: tint(color.good),
    bad: sgr(`1;${color.bad}`, "22;39"),
    warn: tint(color.warn),
    alarm: sgr(`1;7;${color.bad}`, "22;27;39"),
    wrong: sgr(`4;${color.bad}`, "24;39"),
    key: tint(color.key),
    text: tint(color.text),
    number: tint(color.number),
    word: tint(color.word),
  };
}

const THEMES = {
  /** The terminal's own sixteen, which suit its background where that is dark. */
  dark: coloured({
    accent: "36",
    good: "32",
    bad: "31",
    warn: "33",
    key: "36",
    text: "32",
    number: "33",
    word: "35",
  }),
  /** Dark enough to be read on white, where most terminals' own yellow and cyan are not. */
  light: coloured({
    accent: "38;5;25",
    good: "38;5;28",
    bad: "38;5;124",
    warn: "38;5;130",
    key: "38;5;25",
    text: "38;5;28",
    number: "38;5;130",
    word: "38;5;90",
  }),
  plain: PLAIN,
} satisfies Record<string, Theme>;

export type ThemeName = keyof typeof THEMES;
export const THEME_NAMES: readonly ThemeName[] = ["dark", "light", "plain"];

let theme: ThemeName = process.env.NO_COLOR ? "plain" : "dark";

/** From now on, everything is painted in another theme. */
export function setTheme(name: ThemeName): void {
  theme = name;
}

export function themeInUse(): ThemeName {
  return theme;
}

/** `text` in a tone. Tones do not nest: a line is made of painted pieces side by side. */
export function paint(text: string, tone: Tone): string {
  if (tone === "plain" || text === "") return text;
  const { open, close } = THEMES[theme][tone];
  return open + text + close;
}
