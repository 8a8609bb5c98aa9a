import { stripTypeScriptTypes } from "node:module";
import ivm from "isolated-vm";
import type { Bundle, Compiled, SourceText } from "../frames.ts";
import { makeClock } from "./clock.ts";
import { makeDispatch } from "./guest.ts";
import { tameRealm } from "./realm.ts";
import { makeRedact } from "./redact.ts";

/** What the functions that run inside are called in stacks; nothing of a plugin has such a name. */
const INSIDE = "callgate:inside";

/** One plugin in an isolate of its own. Values cross as text; nothing else of either side is seen on the other. */
export class PluginIsolate {
  readonly #isolate: ivm.Isolate;
  readonly #dispatch: ivm.Reference;
  /** What the plugin says of itself. */
  readonly description: string;

  /**
   * @param timeout ms the plugin's own top level may run
   * @throws whatever the text of the plugin, or running it, throws; the isolate is gone then
   */
  constructor(bundle: Bundle, timeout: number) {
    this.#isolate = new ivm.Isolate({ memoryLimit: bundle.memory });
    try {
      const context = this.#isolate.createContextSync();
      const inside = `(${makeDispatch})((${tameRealm})(), (${makeClock})(), (${makeRedact}))`;
      this.#dispatch = context.evalSync(inside, { filename: INSIDE, reference: true });
      const namespace = evaluate(this.#isolate, context, bundle, timeout);
      this.description = this.#ask(["load", "", namespace.derefInto()], timeout);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** @throws where the plugin ran out of time or memory, or threw where nothing could catch it */
  call(hook: string, text: string, timeout: number): string {
    return this.#ask([hook, text], timeout);
  }

  get lost(): boolean {
    return this.#isolate.isDisposed;
  }

  dispose(): void {
    if (!this.#isolate.isDisposed) this.#isolate.dispose();
  }

  #ask(args: (string | ivm.Dereference<unknown>)[], timeout: number): string {
    const answer: unknown = this.#dispatch.applySync(undefined, args, { timeout });
    // The answer goes on a line of its own: what a plugin says must not become two.
    if (typeof answer !== "string" || answer.includes("\n"))
      throw new Error("the isolate answered with no line");
    return answer;
  }
}

function evaluate(
  isolate: ivm.Isolate,
  context: ivm.Context,
  bundle: Bundle,
  timeout: number,
): ivm.Reference<Record<string, unknown>> {
  const modules = new Map<string, ivm.Module>();
  const importsOf = new Map<ivm.Module, Readonly<Record<string, string>>>();
  for (const { name, code, imports } of bundle.files) {
    const module = isolate.compileModuleSync(code, { filename: name });
    modules.set(name, module);
    importsOf.set(module, imports);
  }
  const [entry] = modules.values();
  if (entry === undefined) throw new Error("a plugin without files");
  entry.instantiateSync(context, (specifier, from) => {
    const found = modules.get(importsOf.get(from)?.[specifier] ?? "");
    if (found === undefined) throw new Error(`${specifier} is not part of the plugin`);
    return found;
  });
  entry.evaluateSync({ timeout });
  return entry.namespace;
}

/**
 * Takes the types out of a file and lists what it imports from.
 *
 * @throws TypesError, SyntaxError
 */
export function compile({ name, text, typescript }: SourceText): Compiled {
  const code = typescript ? withoutTypes(text) : text;
  const isolate = new ivm.Isolate({ memoryLimit: 64 });
  try {
    return { code, imports: isolate.compileModuleSync(code, { filename: name }).dependencySpecifiers };
  } finally {
    isolate.dispose();
  }
}

/** The text is no TypeScript, or has some that is more than types. The stack starts with a picture of the place. */
export class TypesError extends Error {}

/** What takes types out broke down, over text that is nested very deep, and is of no use in this process any more. */
export class StripperError extends Error {
  override readonly name = "StripperError";
}

function withoutTypes(text: string): string {
  try {
    return stripTypeScriptTypes(text);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (!("code" in error) || !/_TYPESCRIPT_SYNTAX$/.test(String(error.code)))
      throw new StripperError("the types cannot be taken out of code that is nested so deep");
    throw Object.assign(new TypesError(error.message), { stack: error.stack });
  }
}
