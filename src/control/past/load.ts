/** Files of calls: those that a screen or `tail --json` wrote, and audit logs. */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { z } from "zod";
import { parseName } from "../../audit/last.ts";
import { type Line, readLines } from "../../audit/lines.ts";
import { recordIn } from "../../audit/record-in.ts";
import { oneLine } from "../../wire/framing.ts";
import { callView } from "../protocol.ts";
import { isSaid, PastCalls } from "./calls.ts";
import type { PastCall } from "./logs.ts";

/** A line of a file of calls. */
export const savedCall = callView.extend({ gateway: z.string() });

/** One line, whatever a reader takes for a line break. */
export function savedLine({ gateway, call }: PastCall): string {
  return `${oneLine(JSON.stringify({ gateway, ...call } satisfies z.infer<typeof savedCall>))}\n`;
}

/** Calls kept of a file, the latest. */
const MOST = 10_000;

export interface Loaded {
  readonly file: string;
  /** Whether it is an audit log, which has more of each call. */
  readonly audit: boolean;
  readonly calls: readonly PastCall[];
  /** Earlier calls of it that are not among these. */
  readonly left: number;
}

/** @throws Error saying what is wrong with the file, and where: `file:line` */
export async function loadCalls(file: string): Promise<Loaded> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw new Error(error.code === "ENOENT" ? `${file}: there is no such file` : error.message);
  });
  if (found.isDirectory()) throw new Error(`${file} is a folder: load one of the files in it`);
  if (!found.isFile()) throw new Error(`${file} is no file that can be read to its end`);
  let into: Reader | null = null;
  let number = 0;
  for await (const line of readLines(file)) {
    number++;
    const text = line.bytes.toString("utf8");
    if (text.trim() === "") continue;
    into ??= /^\{"seq":\d+,/.test(text) ? new AuditReader(file) : new SavedReader();
    const wrong = into.take(text, line);
    if (wrong !== null) throw new Error(`${file}:${number} ${wrong}`);
  }
  if (into === null) throw new Error(`${file} is empty`);
  const calls = into.calls();
  if (calls.length === 0) throw new Error(`${file} has no calls`);
  return { file, audit: into instanceof AuditReader, calls, left: into.left };
}

interface Reader {
  /** Calls that were let go of, being too many. */
  readonly left: number;
  /** Gives what is wrong with the line; null where it is what it should be. */
  take(text: string, line: Line): string | null;
  /** In the order of the file. */
  calls(): PastCall[];
}

class AuditReader implements Reader {
  readonly #calls = new PastCalls(MOST);
  #gateway: string;

  constructor(file: string) {
    this.#gateway = parseName(basename(file))?.gateway ?? basename(file);
  }

  get left(): number {
    return this.#calls.left;
  }

  take(text: string, { ended }: Line): string | null {
    if (!ended) return null; // Still being written, or torn by a crash.
    const record = recordIn(text);
    if (record === null) return "is no audit record (callgate audit verify says more)";
    if (record.kind === "open") this.#gateway = record.gateway;
    if (isSaid(record)) this.#calls.take(record);
    return null;
  }

  calls(): PastCall[] {
    return this.#calls.all().map((call) => ({ gateway: this.#gateway, call }));
  }
}

class SavedReader implements Reader {
  left = 0;
  readonly #calls = new Map<string, PastCall>();

  take(text: string): string | null {
    const parsed = savedCall.safeParse(attempt(text));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const where = issue === undefined || issue.path.length === 0 ? "" : `, ${issue.path.join(".")}`;
      return `is no saved call${where}: ${issue?.message ?? ""}`;
    }
    const { gateway, ...call } = parsed.data;
    const key = `${gateway}/${call.id}`;
    // A call that was held is there twice: its newest state counts.
    this.#calls.delete(key);
    this.#calls.set(key, { gateway, call });
    if (this.#calls.size > MOST) for (const oldest of this.#calls.keys()) return this.#forget(oldest);
    return null;
  }

  calls(): PastCall[] {
    return [...this.#calls.values()];
  }

  #forget(key: string): null {
    this.#calls.delete(key);
    this.left++;
    return null;
  }
}

/** Something that no schema takes, where a text is no JSON. */
function attempt(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
