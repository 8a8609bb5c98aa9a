/**
 * The forked process in which plugins run. It reads requests from stdin and answers each on stdout before it reads
 * the next; it blocks while it waits, so that nothing in it runs but what was asked for. It ends when stdin does.
 */
import { readSync, writeSync } from "node:fs";
import { LineDecoder } from "../../wire/framing.ts";
import { type Bundle, type Fault, MAX_LINE, type Request, readRequest, writeAnswer } from "../frames.ts";
import { ExpressionIsolate } from "./expression.ts";
import { compile, PluginIsolate, StripperError, TypesError } from "./isolate.ts";

interface Resident {
  readonly bundle: Bundle;
  readonly loadTimeout: number;
  /** null where the last one was stopped half-way, and there is no fresh one yet. */
  isolate: PluginIsolate | null;
  /** Payload of the last `configure`. */
  settings: string | null;
}

const residents = new Map<number, Resident>();

function perform({ verb, plugin, timeout, payload }: Request): string {
  if (verb === "compile") return JSON.stringify(compile(JSON.parse(payload)));
  if (verb === "evaluate") return evaluate(payload, timeout);
  if (verb === "load") {
    const bundle: Bundle = JSON.parse(payload);
    const isolate = new PluginIsolate(bundle, timeout);
    residents.set(plugin, { bundle, loadTimeout: timeout, isolate, settings: null });
    return isolate.description;
  }
  const resident = residents.get(plugin);
  if (verb === "unload") {
    resident?.isolate?.dispose();
    residents.delete(plugin);
    return "{}";
  }
  if (resident === undefined) throw new UnknownPlugin("the plugin is not loaded in the host");
  if (verb === "configure") resident.settings = payload;
  resident.isolate ??= fresh(resident);
  try {
    return resident.isolate.call(verb, payload, timeout);
  } catch (error) {
    renew(resident);
    throw error;
  }
}

/** Of a person's own expressions; made with the first of them. */
let expressions: ExpressionIsolate | null = null;

function evaluate(payload: string, timeout: number): string {
  expressions ??= new ExpressionIsolate();
  try {
    return JSON.stringify(expressions.evaluate(JSON.parse(payload), timeout));
  } catch (error) {
    if (error instanceof Error && /timed out|memory|disposed/i.test(error.message)) {
      expressions.dispose();
      expressions = null;
    }
    throw error;
  }
}

/** What was stopped half-way is not asked again: its isolate makes room for a fresh one. */
function renew(resident: Resident): void {
  resident.isolate?.dispose();
  resident.isolate = null;
  try {
    resident.isolate = fresh(resident);
  } catch {
    // The call that has failed says why that did; the next one tries again.
  }
}

function fresh({ bundle, loadTimeout, settings }: Resident): PluginIsolate {
  const isolate = new PluginIsolate(bundle, loadTimeout);
  if (settings !== null) isolate.call("configure", settings, loadTimeout);
  return isolate;
}

class UnknownPlugin extends Error {}

function faultOf(error: unknown): Fault {
  // Not the plugin's own error: isolated-vm copies name, message and stack as text, other values as they are.
  if (!(error instanceof Error)) return { kind: "threw", message: JSON.stringify(error) ?? "", stack: "" };
  const { name, message, stack = "" } = error;
  const text = { message: message.slice(0, 2_000), stack: stack.slice(0, 4_000) };
  if (message === "Script execution timed out.") return { kind: "timeout", ...text };
  if (message.includes("memory limit") || /disposed|out of memory/i.test(message))
    return { kind: "memory", ...text };
  if (error instanceof TypesError) return { kind: "types", ...text };
  if (error instanceof UnknownPlugin) return { kind: "unknown", ...text };
  return {
    kind: "threw",
    stack: text.stack,
    message: name === "Error" ? text.message : `${name}: ${text.message}`,
  };
}

function answer(line: string): string {
  const request = readRequest(line);
  try {
    return writeAnswer({ id: request.id, ok: true, payload: perform(request) });
  } catch (error) {
    if (error instanceof StripperError) throw error; // the next host has another
    return writeAnswer({ id: request.id, ok: false, payload: JSON.stringify(faultOf(error)) });
  }
}

function send(text: string): void {
  const written = writeSync(1, text);
  if (written === text.length) return;
  const bytes = Buffer.from(text);
  for (let at = written; at < bytes.length; ) at += writeSync(1, bytes, at);
}

const lines = new LineDecoder(
  {
    onFrame: (frame) => send(answer(frame.toString())),
    onOversize: () => process.exit(1),
  },
  MAX_LINE,
);
const chunk = Buffer.allocUnsafe(64 * 1024);
for (;;) {
  const length = readSync(0, chunk);
  if (length === 0) break;
  // The decoder keeps what is not a whole line yet.
  lines.push(Buffer.from(chunk.subarray(0, length)));
}
