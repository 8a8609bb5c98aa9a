import { isAbsolute, resolve } from "node:path";
import { Complaint } from "../policy/complaint.ts";
import { parseWindow } from "../policy/counters/window.ts";
import { oneOf } from "../policy/suggest.ts";
import type { Problem, Window } from "../policy/types.ts";
import { readReply } from "./answers.ts";
import { type ConfigIssue, configure } from "./config.ts";
import { type Description, description, KEYS } from "./description.ts";
import { type Failure, failureOf, failureOfError } from "./failure.ts";
import type { Bundle, Compiled, Fault, SourceText } from "./frames.ts";
import { type Place, placeAt, problemAt } from "./places.ts";
import { LoadedPlugin, type PluginLog } from "./plugin.ts";
import { compiled, readSources, type SourceFile, type Sources } from "./sources.ts";
import type { PluginSpec } from "./spec.ts";
import type { Supervisor } from "./supervisor.ts";

export interface Loading {
  /** null where something is wrong. */
  readonly plugin: LoadedPlugin | null;
  /** What is wrong in the plugin's files. */
  readonly problems: readonly Problem[];
  /** What is wrong in the policy's `config:`. */
  readonly issues: readonly ConfigIssue[];
  /** Every file that was looked at (absolute): when one changes, it is worth loading again. */
  readonly paths: readonly string[];
}

/** How long a plugin's own top level may run, in ms. */
const LOAD_TIMEOUT = 1_000;
/** Longest text of what a plugin says of itself, in characters: screens are shown it. */
const MOST_SAID = 64 * 1024;
/** Most mistakes that are listed of what it says. */
const MOST_PROBLEMS = 20;

/**
 * Builds a version of a plugin and checks all that can be checked. Nothing that is in force changes. Never throws
 * for what is on disk or in the plugin.
 *
 * @param cwd files are named relative to it
 */
export async function loadPlugin(
  supervisor: Supervisor,
  spec: PluginSpec,
  log: PluginLog = () => {},
  cwd: string = process.cwd(),
): Promise<Loading> {
  const path = isAbsolute(spec.use) ? spec.use : resolve(spec.folder, spec.use);
  const { sources, problems, paths } = await readSources(path, cwd, (source) => compile(supervisor, source));
  const [entry] = sources?.files ?? [];
  if (sources === null || entry === undefined) return { plugin: null, problems, issues: [], paths };
  const id = supervisor.plugin();
  const failed = (found: readonly Problem[], issues: readonly ConfigIssue[] = []): Loading => {
    supervisor.release(id);
    return { plugin: null, problems: found, issues, paths };
  };

  const files = sources.files.map((file) => file.name);
  const bundle = JSON.stringify(bundleOf(sources, spec));
  const loaded = await supervisor.ask("load", id, LOAD_TIMEOUT, bundle);
  const limits = { timeout: LOAD_TIMEOUT, memory: spec.memory };
  if (!loaded.ok) return failed([faultProblem(failureOf(loaded.fault, limits, files), sources.files)]);
  const answer =
    loaded.text.length > MOST_SAID ? "what it says of itself is too long" : readReply(loaded.text);
  const failure =
    typeof answer === "string"
      ? { kind: "malformed" as const, reason: answer, place: null }
      : answer.error === undefined
        ? null
        : failureOfError(answer.error, files);
  if (failure !== null) return failed([faultProblem(failure, sources.files)]);

  const said = describe(typeof answer === "string" ? null : answer.value, entry);
  if (said.problems.length > 0) return failed(said.problems);
  const { config, issues } = configure(said.description.config, spec.config);
  if (issues.length > 0) return failed([], issues);
  const settings = JSON.stringify({ config, timezone: spec.timezone });
  // First: a host may end in between, over another plugin's call.
  supervisor.keep(id, {
    name: said.description.name,
    setup: [
      { verb: "load", timeout: LOAD_TIMEOUT, payload: bundle },
      { verb: "configure", timeout: LOAD_TIMEOUT, payload: settings },
    ],
  });
  const configured = await supervisor.ask("configure", id, LOAD_TIMEOUT, settings);
  if (!configured.ok)
    return failed([faultProblem(failureOf(configured.fault, limits, files), sources.files)]);
  const parts = { spec, description: said.description, windows: said.windows, files, hash: sources.hash, id };
  return { plugin: new LoadedPlugin(parts, supervisor, log), problems: [], issues: [], paths };
}

async function compile(supervisor: Supervisor, source: SourceText): Promise<Compiled | Fault> {
  const answer = await supervisor.ask("compile", 0, LOAD_TIMEOUT, JSON.stringify(source));
  if (answer.ok) return compiled.parse(JSON.parse(answer.text));
  const { kind, message, stack } = answer.fault;
  return { kind: kind === "types" ? kind : "threw", message, stack };
}

function bundleOf({ files }: Sources, { memory }: PluginSpec): Bundle {
  return { files: files.map(({ name, code, imports }) => ({ name, code, imports })), memory };
}

/** What is wrong with a plugin that could not be loaded, as a problem of its files. */
function faultProblem({ kind, reason, place }: Failure, files: readonly SourceFile[]): Problem {
  const [entry] = files;
  const [, specifier, name] =
    /requested module '([^']+)' does not provide an export named '([^']+)'/.exec(reason) ?? [];
  if (specifier !== undefined && name !== undefined) {
    const from =
      files.find(({ code, imports }) => Object.hasOwn(imports, specifier) && code.includes(name)) ?? entry;
    const help = `export it there; or, if it is a type, write import type { ${name} }`;
    return problemAt(placeOfWord(from, name), `${JSON.stringify(specifier)} does not export ${name}`, help);
  }
  const help = kind === "threw" ? "mend the code here" : "a plugin's top level should only define things";
  return problemAt(
    place ?? { file: entry?.name ?? "", line: 1, col: 1 },
    `it cannot be loaded: ${reason}`,
    help,
  );
}

interface Said {
  readonly description: Description;
  readonly windows: Readonly<Record<string, Window>>;
  readonly problems: readonly Problem[];
}

/** Reads what a plugin says of itself. */
function describe(value: unknown, entry: SourceFile): Said {
  const problems: Problem[] = [];
  const complain = (word: string, message: string, help: string) => {
    if (problems.length < MOST_PROBLEMS) problems.push(problemAt(placeOfWord(entry, word), message, help));
  };
  const parsed = description.safeParse(value);
  const windows: Record<string, Window> = {};
  if (!parsed.success) {
    const missing = typeof value === "object" && value !== null && "missing" in value;
    if (missing)
      complain(
        "export",
        "the default export is no plugin",
        "write export default { name, onCall } satisfies Plugin",
      );
    else
      for (const { path, message } of parsed.error.issues) {
        const at = path.filter((step) => typeof step !== "number").map(String);
        const what = at.length > 1 ? `${at.join(".")}: ${message}` : message;
        complain(at.at(-1) ?? "", what, "see docs/plugins.md for what a plugin is made of");
      }
    return { description: NOTHING, windows, problems };
  }
  const { hooks, broken, commands, unknown, counters } = parsed.data;
  for (const key of unknown) complain(key, `a plugin has no ${JSON.stringify(key)}`, oneOf(key, KEYS));
  for (const hook of broken) complain(hook, `${hook} is not a function`, `write ${hook}(...) { ... }`);
  for (const { name, runs } of commands) {
    if (!runs)
      complain(name, `command ${JSON.stringify(name)} has no run`, "write run(words, ctx) { return text; }");
  }
  if (hooks.length === 0 && commands.length === 0 && unknown.length === 0) {
    complain("export", "the plugin does nothing", "give it onCall, onResult, onTools or commands");
  }
  for (const [name, { window }] of Object.entries(counters)) {
    try {
      windows[name] = parseWindow(window);
    } catch (error) {
      if (!(error instanceof Complaint)) throw error;
      complain(name, error.message, error.help);
    }
  }
  return { description: parsed.data, windows, problems };
}

const NOTHING: Description = {
  name: "",
  config: {},
  counters: {},
  hooks: [],
  broken: [],
  commands: [],
  unknown: [],
};

/** Where a word first stands on its own in a file; its start where it does not. */
function placeOfWord(file: SourceFile | undefined, word: string): Place {
  if (file === undefined) return { file: "", line: 1, col: 1 };
  const name = word.replace(/[^\w$-]/g, "");
  const at =
    name === "" ? -1 : file.code.search(new RegExp(`(?<![\\w$])${name.replaceAll("$", "\\$")}(?![\\w$])`));
  return at < 0 ? { file: file.name, line: 1, col: 1 } : placeAt(file.name, file.code, at);
}
