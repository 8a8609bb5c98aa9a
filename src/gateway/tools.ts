import type { Policy } from "../policy/compile.ts";
import { isObject, type Json } from "../wire/json.ts";
import type { Response } from "../wire/message.ts";
import { JsonError, parseStrict } from "../wire/parse.ts";

/** Most tool names remembered for a session, over all pages of `tools/list`. */
const MAX_NAMES = 10_000;

/** The tools an agent was told of, and which of them the policy hides. */
export class ToolList {
  readonly #upstream: string;
  /** Name to whether the agent was shown it. */
  readonly #shown = new Map<string, boolean>();

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
      const hidden = policy.hidden(name, this.#upstream);
      if (this.#shown.size < MAX_NAMES) this.#shown.set(name, !hidden);
      hides ||= hidden;
    }
    if (!hides) return null;
    const message = lossless(text);
    if (!isObject(message) || !isObject(message.result) || !Array.isArray(message.result.tools)) return null;
    message.result.tools = message.result.tools.filter((tool) => {
      const name = nameOf(tool);
      return name === null || !policy.hidden(name, this.#upstream);
    });
    return JSON.stringify(message);
  }

  /** Whether the agent would be shown other tools under `policy` than it was; remembers the new view. */
  changesUnder(policy: Policy): boolean {
    let changes = false;
    for (const [name, shown] of this.#shown) {
      const visible = !policy.hidden(name, this.#upstream);
      if (visible === shown) continue;
      this.#shown.set(name, visible);
      changes = true;
    }
    return changes;
  }
}

function nameOf(tool: Json): string | null {
  return isObject(tool) && typeof tool.name === "string" ? tool.name : null;
}

/** Parsed with every number's digits kept, or as plain JSON where the server's text is looser than that takes. */
function lossless(text: string): unknown {
  try {
    return parseStrict(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return JSON.parse(text);
  }
}
