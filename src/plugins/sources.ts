import { createHash } from "node:crypto";
import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, extname, relative, resolve, sep } from "node:path";
import { z } from "zod";
import type { Problem } from "../policy/types.ts";
import type { Compiled, Fault, SourceText } from "./frames.ts";
import { displayName, type Place, placeAt, placeIn, problemAt } from "./places.ts";

/** A file of a plugin. */
export interface SourceFile {
  /** What problems and stacks call it. */
  readonly name: string;
  /** Absolute, links followed. */
  readonly path: string;
  readonly text: string;
  /** JavaScript, with blanks where types were. */
  readonly code: string;
  /** The file's `name` by specifier. */
  readonly imports: Readonly<Record<string, string>>;
}

export interface Sources {
  /** The plugin's own file first. */
  readonly files: readonly SourceFile[];
  /** SHA-256 over the names (relative to the plugin's folder) and texts of all files, hex. */
  readonly hash: string;
}

/** Compiles a file, or says why it cannot be. */
export type Compile = (source: SourceText) => Promise<Compiled | Fault>;

const MAX_FILES = 64;
const MAX_BYTES = 1024 * 1024;
const EXTENSIONS = [".ts", ".mts", ".js", ".mjs"];

/**
 * Reads a plugin's file and all that it imports. Never throws for what is on disk.
 *
 * @param path absolute
 * @returns `paths`: every file looked at, also where something is wrong
 */
export async function readSources(
  path: string,
  cwd: string,
  compile: Compile,
): Promise<{ sources: Sources | null; problems: readonly Problem[]; paths: readonly string[] }> {
  const problems: Problem[] = [];
  const files: SourceFile[] = [];
  const paths = new Set<string>();
  const whole = (file: string, message: string, help: string) =>
    problems.push(problemAt({ file: displayName(file, cwd), line: 1, col: 1 }, message, help));

  const entry = real(path);
  paths.add(entry ?? path);
  if (entry === null)
    whole(path, "no such file", "check the path after use:, which is relative to the policy");
  else if (!EXTENSIONS.includes(extname(entry)))
    whole(entry, "a plugin is a .ts or .js file", "name such a file");
  const folder = dirname(entry ?? path);
  const todo = entry === null || problems.length > 0 ? [] : [entry];
  for (const at of todo) {
    const name = displayName(at, cwd);
    const module = await read(at, name, compile);
    if ("problem" in module) {
      problems.push(module.problem);
      continue;
    }
    const imports: Record<string, string> = {};
    for (const specifier of module.imports) {
      const target = fileOf(specifier, at, folder);
      if (typeof target === "string") {
        imports[specifier] = displayName(target, cwd);
        if (!todo.includes(target)) todo.push(target);
      } else {
        problems.push(problemAt(importPlace(name, module.code, specifier), target.message, target.help));
        if (target.missing !== undefined) paths.add(target.missing);
      }
    }
    paths.add(at);
    files.push({ name, path: at, text: module.text, code: module.code, imports });
    if (todo.length > MAX_FILES) {
      whole(at, `a plugin has at most ${MAX_FILES} files`, "put some of them together");
      break;
    }
  }
  const sources = problems.length > 0 ? null : { files, hash: hashOf(files, folder) };
  return { sources, problems, paths: [...paths] };
}

/** Reads one file and has it compiled. */
async function read(
  path: string,
  name: string,
  compile: Compile,
): Promise<(Compiled & { readonly text: string }) | { readonly problem: Problem }> {
  const wrong = (message: string, help: string, place: Place = { file: name, line: 1, col: 1 }) => ({
    problem: problemAt(place, message, help),
  });
  let text: string;
  try {
    const stat = statSync(path);
    // Reading a pipe would wait until somebody writes to it.
    if (!stat.isFile()) return wrong("it is no file", "name a file of TypeScript");
    if (stat.size > MAX_BYTES)
      return wrong("the file is larger than 1 MB", "split it, or move data elsewhere");
    text = UTF8.decode(readFileSync(path));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return wrong(`it cannot be read: ${why}`, "check that it is a file of UTF-8 text that you may read");
  }
  const compiled = await compile({ name, text, typescript: path.endsWith("ts") });
  if (!("kind" in compiled)) return { ...compiled, text };
  const { kind, message, stack } = compiled;
  if (kind === "types") {
    const help = message.includes("strip-only") ? STRIP_HELP : MEND;
    return wrong(message, help, picturedPlace(stack, name));
  }
  // V8 puts the place behind a syntax error's message.
  const plain = message.replace(/ \[[^[\]]*:\d+:\d+\]$/, "");
  return wrong(plain, MEND, placeIn(message, [name]) ?? undefined);
}

const MEND = "mend the code here";
const STRIP_HELP =
  "types are taken out, not compiled: enums, namespaces and parameter properties cannot be used";
const UTF8 = new TextDecoder("utf-8", { fatal: true });

/** Node starts the stack with a picture of the place: `:2`, the line's text, a caret under it. */
function picturedPlace(stack: string, file: string): Place {
  const [, line = "1", col = ""] = /^[^\n]*:(\d+)\n[\s\S]*?\n( *)\^/.exec(stack) ?? [];
  return { file, line: Number(line), col: col.length + 1 };
}

interface Refused {
  readonly message: string;
  readonly help: string;
  /** Where a file is expected that is not there. */
  readonly missing?: string;
}

/** The file that a specifier stands for, or why it stands for none. */
function fileOf(specifier: string, from: string, folder: string): string | Refused {
  const quoted = JSON.stringify(specifier);
  if (specifier === "callgate/plugin") {
    return { message: `${quoted} has types only`, help: `write import type { ... } from ${quoted}` };
  }
  if (!/^\.\.?\//.test(specifier)) {
    return {
      message: `${quoted} cannot be imported`,
      help: "a plugin has no packages and no I/O; it may import files of its own folder, such as ./tokens.ts",
    };
  }
  const wanted = resolve(dirname(from), specifier);
  const found = real(wanted);
  if (found === null) {
    const meant = EXTENSIONS.find((extension) => real(wanted + extension) !== null);
    const help = meant === undefined ? "check the path" : `write the extension: ${specifier}${meant}`;
    return { message: `there is no file ${quoted}`, help, missing: wanted };
  }
  if (!found.startsWith(folder + sep)) {
    return { message: `${quoted} is outside the plugin's folder`, help: `move it into ${folder}` };
  }
  if (!EXTENSIONS.includes(extname(found))) {
    return { message: `${quoted} is no .ts or .js file`, help: "put data into a .ts file that exports it" };
  }
  return found;
}

/** Where a module imports from a specifier; V8 does not say. */
function importPlace(file: string, code: string, specifier: string) {
  for (const match of code.matchAll(/\b(?:from|import)\s*(["'])/g)) {
    const at = match.index + match[0].length;
    if (code.startsWith(`${specifier}${match[1]}`, at)) return placeAt(file, code, at - 1);
  }
  return { file, line: 1, col: 1 };
}

function real(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

function hashOf(files: readonly SourceFile[], folder: string): string {
  const parts = files.map(({ path, text }) => [relative(folder, path).replaceAll(sep, "/"), text]);
  return createHash("sha256").update(JSON.stringify(parts.sort())).digest("hex");
}

/** Reads the host's answer to `compile`. */
export const compiled = z.object({ code: z.string(), imports: z.array(z.string()) });
