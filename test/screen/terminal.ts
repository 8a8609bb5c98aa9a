/** A real pseudo-terminal, and an emulator that shows what a person would see on it. */
import { join } from "node:path";
import { type IPty, spawn } from "@lydell/node-pty";
import xterm from "@xterm/headless";

const ROOT = join(import.meta.dirname, "../..");

export class TerminalUnderTest {
  readonly #pty: IPty;
  readonly #screen: InstanceType<typeof xterm.Terminal>;
  /** Everything the program wrote. */
  output = "";
  title = "";
  readonly exited: Promise<number>;

  /** @param program code for Node, or a command line */
  constructor(
    columns: number,
    rows: number,
    program: string | readonly string[],
    env: Record<string, string>,
    cwd = ROOT,
  ) {
    this.#screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1000 });
    this.#screen.onTitleChange((title) => {
      this.title = title;
    });
    const inherited = Object.fromEntries(
      Object.entries(process.env).flatMap(([name, value]) =>
        value === undefined || name === "CI" ? [] : [[name, value]],
      ),
    );
    const [command = "", ...args] =
      typeof program === "string" ? [process.execPath, "--input-type=module", "-e", program] : program;
    this.#pty = spawn(command, args, {
      cols: columns,
      rows,
      cwd,
      name: "xterm-256color",
      env: { ...inherited, ...env },
    });
    this.#pty.onData((data) => {
      this.output += data;
      this.#screen.write(data);
    });
    this.exited = new Promise((resolve) => this.#pty.onExit(({ exitCode }) => resolve(exitCode)));
  }

  /** The rows in view. */
  rows(): string[] {
    const { active } = this.#screen.buffer;
    return Array.from(
      { length: this.#screen.rows },
      (_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? "",
    );
  }

  /** What is drawn in a cell, both counted from 0. */
  cell(column: number, row: number): string {
    const { active } = this.#screen.buffer;
    return (
      active
        .getLine(active.viewportY + row)
        ?.getCell(column)
        ?.getChars() ?? ""
    );
  }

  text(): string {
    return this.rows().join("\n");
  }

  /** Rows that were pushed out at the top: none, if the screen never writes more than there is room for. */
  get scrolledOut(): number {
    return this.#screen.buffer.active.baseY;
  }

  get alternate(): boolean {
    return this.#screen.buffer.active.type === "alternate";
  }

  get pid(): number {
    return this.#pty.pid;
  }

  type(keys: string): void {
    this.#pty.write(keys);
  }

  resize(columns: number, rows: number): void {
    this.#screen.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  async until(holds: string | RegExp | (() => boolean)): Promise<void> {
    const test = () =>
      typeof holds === "function"
        ? holds()
        : typeof holds === "string"
          ? this.text().includes(holds)
          : holds.test(this.text());
    for (let n = 0; n < 500; n++) {
      if (test()) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`not within 10s: ${holds}\n${this.text()}`);
  }

  kill(signal?: string): void {
    this.#pty.kill(signal);
  }
}
