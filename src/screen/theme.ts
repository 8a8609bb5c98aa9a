/** Which colours the screen begins with, and remembering those that a person chose. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { THEME_NAMES, type ThemeName } from "./paint.ts";

/** NO_COLOR goes before everything; then what was chosen; then what the terminal says of its background. */
export function firstTheme(file: string, env: NodeJS.ProcessEnv = process.env): ThemeName {
  if (env.NO_COLOR) return "plain";
  return chosen(file) ?? (isLight(env.COLORFGBG) ? "light" : "dark");
}

export function keepTheme(file: string, name: ThemeName): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, `${name}\n`, { mode: 0o600 });
  } catch {
    // It is in force until the screen closes.
  }
}

function chosen(file: string): ThemeName | undefined {
  try {
    const name = readFileSync(file, "utf8").trim();
    return THEME_NAMES.find((each) => each === name);
  } catch {
    return undefined;
  }
}

/** `COLORFGBG`, which rxvt, Konsole and others set: the last of its numbers is the background's colour. */
function isLight(colours: string | undefined): boolean {
  const background = /;(\d+)$/.exec(colours ?? "")?.[1];
  return background === "7" || background === "15";
}
