/** The person's own editor, with the whole terminal. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Store } from "./store.ts";

/** The text as it was saved. */
export async function editText(store: Store, name: string, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "callgate-edit-"));
  try {
    const file = join(folder, name.replace(/[^\w.-]/g, "_").slice(-64));
    await writeFile(file, `${text}\n`, { mode: 0o600 });
    await run(store, [file]);
    return await readFile(file, "utf8");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Opens a file at a line, where the editor is one that can. */
export async function editFile(store: Store, file: string, line: number): Promise<void> {
  const program = basename(editor().trim().split(/\s+/)[0] ?? "");
  if (/^(?:code|codium|cursor|windsurf)/.test(program)) await run(store, ["--goto", `${file}:${line}`]);
  else if (/^(?:subl|zed|hx|helix|micro)$/.test(program)) await run(store, [`${file}:${line}`]);
  else await run(store, [`+${line}`, file]);
}

function editor(): string {
  return process.env.VISUAL || process.env.EDITOR || "vi";
}

/** @throws Error saying how the editor failed */
async function run(store: Store, args: readonly string[]): Promise<void> {
  // With the terminal in its usual mode, ctrl-c is for the editor, but the signal comes here as well.
  const stay = () => {};
  process.on("SIGINT", stay);
  try {
    await store.handOver(() => started(args));
  } finally {
    process.off("SIGINT", stay);
    store.repaint();
  }
}

/** Through the shell, since $EDITOR may be `code --wait`. */
function started(args: readonly string[]): Promise<void> {
  const command = editor();
  return new Promise((resolve, reject) => {
    const child = spawn("/bin/sh", ["-c", `${command} "$@"`, "sh", ...args], { stdio: "inherit" });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      if (code === 0) return resolve();
      const how = signal === null ? `status ${code}` : signal;
      const help = code === 127 ? "; set $EDITOR to one that is there" : "";
      reject(new Error(`the editor (${command}) ended with ${how}, so nothing was changed${help}`));
    });
  });
}
