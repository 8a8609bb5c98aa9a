import type { Policy } from "../policy/compile.ts";
import { isObject, type Json } from "../wire/json.ts";
import { parseLossless } from "../wire/lossless.ts";
import type { Response } from "../wire/message.ts";

/** Most tool names remembered of an upstream. */
const MAX_NAMES = 10_000;

/** The tools of one upstream, as its answers to `tools/list` name them. */
export class Catalog {
  readonly #upstream: string;
  readonly #names = new Set<string>();

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
      if (this.#names.size < MAX_NAMES) this.#names.add(name);
      hides ||= policy.hidden(name, this.#upstream);
    }
    if (!hides) return null;
    const message = parseLossless(text);
    if (!isObject(message) || !isObject(message.result) || !Array.isArray(message.result.tools)) return null;
    message.result.tools = message.result.tools.filter((tool) => {
      const name = nameOf(tool);
      return name === null || !policy.hidden(name, this.#upstream);
    });
    return JSON.stringify(message);
  }

  /** Whether agents see other tools under one policy than under the other. */
  differs(before: Policy, after: Policy): boolean {
    for (const name of this.#names) {
      if (before.hidden(name, this.#upstream) !== after.hidden(name, this.#upstream)) return true;
    }
    return false;
  }
}

function nameOf(tool: Json): string | null {
  return isObject(tool) && typeof tool.name === "string" ? tool.name : null;
}
