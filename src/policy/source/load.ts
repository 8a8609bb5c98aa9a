import { readdirSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { compile, type ModeOverride, type Policy } from "../compile/compile.ts";
import type { Problem } from "../types.ts";
import { type Complain, Inclusion } from "./include.ts";
import { parse, type SourceFile } from "./parse.ts";

export type Loaded = {
  /** Every file that was read or looked for, absolute: what to watch for changes. */
  readonly paths: readonly string[];
} & (
  | { readonly ok: true; readonly policy: Policy; readonly sources: readonly SourceFile[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }
);

/**
 * Reads policy files, the `*.yaml` and `*.yml` files of directories in the order of their names, and the files
 * that these include. Never throws for what is on disk: every problem of every file is listed.
 *
 * @param cwd messages name files relative to it when they are inside it
 */
export function loadPolicies(
  paths: readonly string[],
  cwd: string = process.cwd(),
  mode: ModeOverride = "as written",
): Loaded {
  const problems: Problem[] = [];
  const complain = (path: string, message: string, help: string) =>
    problems.push({ file: nameOf(path, cwd), line: 1, col: 1, message, help });

  if (paths.length === 0)
    complain(".", "no policy file is given", "name one, or a directory: -c policy.yaml");
  const read = (path: string, complain: Complain): SourceFile | null => {
    const text = attempt(() => UTF8.decode(readFileSync(path)), path, complain);
    if (text === null) return null;
    const parsed = parse(text, nameOf(path, cwd), path);
    if (parsed.ok) return parsed.source;
    problems.push(...parsed.problems);
    return null;
  };
  const inclusion = new Inclusion(read, (problem) => problems.push(problem));
  for (const file of new Set(paths.flatMap((path) => filesIn(resolve(cwd, path), complain)))) {
    inclusion.add(file, complain);
  }
  const files = inclusion.paths;
  if (problems.length > 0) return { ok: false, problems, paths: files };
  const { sources } = inclusion;
  return { ok: true, policy: compile(sources, mode), sources, paths: files };
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });

function filesIn(path: string, complain: Complain): string[] {
  const found = attempt(
    () => {
      if (!statSync(path).isDirectory()) return [path];
      const names = readdirSync(path).filter((name) => /\.ya?ml$/.test(name) && !name.startsWith("."));
      return names.sort().map((name) => join(path, name));
    },
    path,
    complain,
  );
  if (found?.[0] === path && /\.m?[jt]s$/.test(path)) {
    complain(path, "a plugin is no policy", "name a policy that uses it, or the plugin with --plugin");
    return [];
  }
  if (found?.length === 0) complain(path, "no *.yaml or *.yml file in this directory", "put a policy in it");
  return found ?? [];
}

/** What is read from disk, or null and a complaint. */
function attempt<T>(read: () => T, path: string, complain: Complain): T | null {
  try {
    return read();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const [message, help] = DISK[code] ?? [
      `it cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      "check the file",
    ];
    complain(path, message, help);
    return null;
  }
}

const DISK: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: ["no such file or directory", "check the path"],
  EISDIR: ["it is a directory", "name the files in it"],
  EACCES: ["it cannot be read: permission denied", "give the user that runs callgate read access"],
  ERR_ENCODING_INVALID_ENCODED_DATA: ["it is not UTF-8 text", "save it as UTF-8"],
};

function nameOf(path: string, cwd: string): string {
  const inside = relative(cwd, resolve(cwd, path));
  if (inside === "") return ".";
  return inside.startsWith("..") || isAbsolute(inside) ? resolve(cwd, path) : inside;
}
