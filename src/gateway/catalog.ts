import type { Policy } from "../policy/compile.ts";
import { type Mirror, mirrorsOf } from "../wire/http/mirror.ts";
import { isObject, type Json, type JsonObject } from "../wire/json.ts";
import { parseLossless } from "../wire/lossless.ts";
import type { Response } from "../wire/message.ts";

/** Most tools remembered of an upstream. */
const MAX_TOOLS = 10_000;

/** What is remembered of a tool. */
interface Tool {
  readonly annotations: JsonObject | null;
  readonly mirrors: readonly Mirror[];
}

/** The tools of one upstream, as its answers to `tools/list` name them. */
export class Catalog {
  readonly #upstream: string;
  readonly #tools = new Map<string, Tool>();

  constructor(upstream: string) {
    this.#upstream = upstream;
  }

  /**
   * The answer of a `tools/list` without hidden tools and with everything else as it was; null where nothing
   * is hidden and the answer can go as it came.
   */
  filter(response: Response, text: string, policy: Policy): string | null {
    if (!isObject(response.result) || !Array.isArray(response.result.tools)) return null;
    let hides = false;
    for (const tool of response.result.tools) {
      const name = nameOf(tool);
      if (name === null) continue;
      const known = this.#tools.has(name) || this.#tools.size < MAX_TOOLS;
      if (known) this.#tools.set(name, { annotations: annotationsOf(tool), mirrors: mirrorsIn(tool) });
      hides ||= policy.hidden(name, this.#upstream, annotationsOf(tool));
    }
    if (!hides) return null;
    const message = parseLossless(text);
    if (!isObject(message) || !isObject(message.result) || !Array.isArray(message.result.tools)) return null;
    message.result.tools = message.result.tools.filter((tool) => {
      const name = nameOf(tool);
      return name === null || !policy.hidden(name, this.#upstream, annotationsOf(tool));
    });
    return JSON.stringify(message);
  }

  /** Whether agents see other tools under one policy than under the other. */
  differs(before: Policy, after: Policy): boolean {
    for (const [name, { annotations }] of this.#tools) {
      const is = (policy: Policy) => policy.hidden(name, this.#upstream, annotations);
      if (is(before) !== is(after)) return true;
    }
    return false;
  }

  /** What the server says of a tool; null where it has not listed it, or says nothing. */
  annotations(tool: string): JsonObject | null {
    return this.#tools.get(tool)?.annotations ?? null;
  }

  /** The arguments of a tool that headers mirror; none where the server has not listed it. */
  mirrors(tool: string): readonly Mirror[] {
    return this.#tools.get(tool)?.mirrors ?? [];
  }
}

function nameOf(tool: Json): string | null {
  return isObject(tool) && typeof tool.name === "string" ? tool.name : null;
}

function annotationsOf(tool: Json): JsonObject | null {
  return isObject(tool) && isObject(tool.annotations) ? tool.annotations : null;
}

function mirrorsIn(tool: Json): readonly Mirror[] {
  return isObject(tool) ? mirrorsOf(tool.inputSchema) : [];
}
