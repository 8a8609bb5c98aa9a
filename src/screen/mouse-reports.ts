/** The mouse, as terminals report it when asked to: SGR mode, xterm's 1000 and 1006. */
import type { Mouse } from "./mouse.ts";

export const MOUSE_ON = "\x1b[?1000h\x1b[?1006h";
export const MOUSE_OFF = "\x1b[?1006l\x1b[?1000l";

const WHEEL_ROWS = 3;
const REPORT = /\x1b\[<(\d{1,4});(\d{1,5});(\d{1,5})([Mm])/g;
/** The longest beginning of a report. */
const LONGEST = 24;

/** Finds the reports in what is typed. Ink drops them: they are no keys. */
export class MouseReports {
  #rest = "";

  push(chunk: string): Mouse[] {
    const text = this.#rest + chunk;
    const found = [...text.matchAll(REPORT)];
    const last = found.at(-1);
    const left = text.slice(last ? last.index + last[0].length : 0);
    this.#rest = left.slice(Math.max(left.lastIndexOf("\x1b"), left.length - LONGEST, 0));
    return found.flatMap(([, button = "", column = "", row = "", end]) =>
      end === "M" ? (mouse(Number(button), Number(column), Number(row)) ?? []) : [],
    );
  }
}

/** Of the buttons, the first; of those held with shift and the like, none. */
function mouse(button: number, column: number, row: number): Mouse | null {
  const wheel = button === 64 ? -WHEEL_ROWS : button === 65 ? WHEEL_ROWS : 0;
  if (wheel === 0 && button !== 0) return null;
  return { column: column - 1, row: row - 1, wheel };
}

/** Takes the mouse and gives it back. */
export class MouseInput {
  readonly #said: (mouse: Mouse) => void;
  readonly #listen = (chunk: Buffer | string) => {
    for (const each of this.#reports.push(String(chunk))) this.#said(each);
  };
  #reports = new MouseReports();
  #on = false;

  constructor(said: (mouse: Mouse) => void) {
    this.#said = said;
  }

  /**
   * Taken while somebody else reads the keys: a listener for `data` alone would make the stream flow, and take
   * what is typed into an editor.
   */
  take(on: boolean): void {
    if (on === this.#on) return;
    this.#on = on;
    this.#reports = new MouseReports();
    if (on) process.stdin.on("data", this.#listen);
    else process.stdin.off("data", this.#listen);
    process.stdout.write(on ? MOUSE_ON : MOUSE_OFF);
  }
}
