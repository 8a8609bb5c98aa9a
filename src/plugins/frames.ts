/**
 * What gateway and host say to each other: lines of a few words and a payload of JSON, which is the rest of the
 * line. The host answers in the order in which it is asked.
 */

/** Longest line either side takes, in bytes. */
export const MAX_LINE = 64 * 1024 * 1024;

export type Hook = "onCall" | "onResult" | "onTools" | "command";
/**
 * `compile` takes a `SourceText` and answers with a `Compiled`; `load` takes a `Bundle`; `evaluate` takes an
 * `Expression` and answers with a JSON string.
 */
export type Verb = "compile" | "evaluate" | "load" | "configure" | "unload" | Hook;

export interface Request {
  readonly id: number;
  readonly verb: Verb;
  /** Which plugin, by a number of the supervisor's; 0 where none is meant. */
  readonly plugin: number;
  /** ms the plugin may run. */
  readonly timeout: number;
  readonly payload: string;
}

/** A file of a plugin as it is on disk. */
export interface SourceText {
  /** What errors and stacks call the file. */
  readonly name: string;
  readonly text: string;
  readonly typescript: boolean;
}

/** What a `SourceText` is to an engine. */
export interface Compiled {
  /** JavaScript, with blanks where types were. */
  readonly code: string;
  /** The specifiers that it imports from. */
  readonly imports: readonly string[];
}

/** A plugin as the host gets it. */
export interface Bundle {
  /** The first file is the plugin's own. `imports` tells which file each specifier in it stands for. */
  readonly files: readonly {
    readonly name: string;
    readonly code: string;
    readonly imports: Readonly<Record<string, string>>;
  }[];
  /** MB. */
  readonly memory: number;
}

/** Why the host has no answer of the plugin. */
export interface Fault {
  /** `types`: it is no TypeScript that can be stripped. */
  readonly kind: "threw" | "types" | "timeout" | "memory" | "unknown";
  readonly message: string;
  readonly stack: string;
}

export interface Answer {
  readonly id: number;
  readonly ok: boolean;
  /** What the plugin's side answered; a `Fault` where not ok. */
  readonly payload: string;
}

export const writeRequest = ({ id, verb, plugin, timeout, payload }: Request): string =>
  `${id} ${verb} ${plugin} ${timeout} ${payload}\n`;

/** Reads a line of the gateway, which is trusted. */
export function readRequest(line: string): Request {
  const a = line.indexOf(" ");
  const b = line.indexOf(" ", a + 1);
  const c = line.indexOf(" ", b + 1);
  const d = line.indexOf(" ", c + 1);
  return {
    id: Number(line.slice(0, a)),
    verb: line.slice(a + 1, b) as Verb,
    plugin: Number(line.slice(b + 1, c)),
    timeout: Number(line.slice(c + 1, d)),
    payload: line.slice(d + 1),
  };
}

export const writeAnswer = ({ id, ok, payload }: Answer): string =>
  `${id} ${ok ? "ok" : "failed"} ${payload}\n`;

/** Reads a line of the host; null for one that is no answer. */
export function readAnswer(line: string): Answer | null {
  const [, id = "", status] = /^(\d{1,15}) (ok|failed) /.exec(line) ?? [];
  if (status === undefined) return null;
  return { id: Number(id), ok: status === "ok", payload: line.slice(id.length + status.length + 2) };
}
