import type { Policy } from "../policy/compile/compile.ts";
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
  readonly outputSchema: JsonObject | null;
}

/** The tools of one upstream, as its answers to `tools/list` name them. */
export class Catalog {
  readonly #upstream: string;
  readonly #tools = new Map<string, Tool>();

  constructor(upstream: string) {
    this.#upstream = upstream;
  }

  /**
   * The answer of a list request without what the policy hides, and with everything else as it was; null where
   * nothing is hidden and the answer can go as it came.
   */
  filter(method: string, response: Response, text: string, policy: Policy): string | null {
    const list = LISTS[method];
    if (list === undefined || !isObject(response.result)) return null;
    const items = response.result[list.key];
    if (!Array.isArray(items)) return null;
    if (list.key === "tools") for (const tool of items) this.#learn(tool);
    const hidden = (item: Json) => list.hidden(item, policy, this.#upstream);
    if (!items.some(hidden)) return null;
    const message = parseLossless(text);
    const kept = isObject(message) && isObject(message.result) ? message.result[list.key] : undefined;
    if (!isObject(message) || !isObject(message.result) || !Array.isArray(kept)) return null;
    message.result[list.key] = kept.filter((item) => !hidden(item));
    return JSON.stringify(message);
  }

  #learn(tool: Json): void {
    const name = textOf(tool, "name");
    if (name === null || (!this.#tools.has(name) && this.#tools.size >= MAX_TOOLS)) return;
    const outputSchema = isObject(tool) && isObject(tool.outputSchema) ? tool.outputSchema : null;
    this.#tools.set(name, { annotations: annotationsOf(tool), mirrors: mirrorsIn(tool), outputSchema });
  }

  /** Whether agents see other tools under one policy than under the other. */
  differs(before: Policy, after: Policy): boolean {
    for (const [name, { annotations }] of this.#tools) {
      const is = (policy: Policy) => policy.hidden(name, this.#upstream, annotations);
      if (is(before) !== is(after)) return true;
    }
    return false;
  }

  /** The tools it has listed. */
  names(): string[] {
    return [...this.#tools.keys()];
  }

  lists(tool: string): boolean {
    return this.#tools.has(tool);
  }

  /** Whether the policy hides any of the tools. */
  hasHidden(policy: Policy): boolean {
    return this.#tools
      .entries()
      .some(([name, { annotations }]) => policy.hidden(name, this.#upstream, annotations));
  }

  /** What the server says of a tool; null where it has not listed it, or says nothing. */
  annotations(tool: string): JsonObject | null {
    return this.#tools.get(tool)?.annotations ?? null;
  }

  /** What the server promises of a tool's structured results; null where it promises nothing. */
  outputSchema(tool: string): JsonObject | null {
    return this.#tools.get(tool)?.outputSchema ?? null;
  }

  /** The arguments of a tool that headers mirror; none where the server has not listed it. */
  mirrors(tool: string): readonly Mirror[] {
    return this.#tools.get(tool)?.mirrors ?? [];
  }
}

/** The answers that list something, and what of it a policy can hide. */
const LISTS: Readonly<
  Record<string, { key: string; hidden(item: Json, policy: Policy, upstream: string): boolean }>
> = {
  "tools/list": {
    key: "tools",
    hidden(item, policy, upstream) {
      const name = textOf(item, "name");
      return name !== null && policy.hidden(name, upstream, annotationsOf(item));
    },
  },
  "resources/list": { key: "resources", hidden: hiddenBy("uri") },
  "resources/templates/list": { key: "resourceTemplates", hidden: hiddenBy("uriTemplate") },
  "prompts/list": {
    key: "prompts",
    hidden(item, policy, upstream) {
      const name = textOf(item, "name");
      return name !== null && policy.hiddenPrompt(name, upstream);
    },
  },
};

function hiddenBy(key: string): (item: Json, policy: Policy, upstream: string) => boolean {
  return (item, policy, upstream) => {
    const uri = textOf(item, key);
    return uri !== null && policy.hiddenResource(uri, upstream);
  };
}

function textOf(item: Json, key: string): string | null {
  const text = isObject(item) ? item[key] : undefined;
  return typeof text === "string" ? text : null;
}

function annotationsOf(tool: Json): JsonObject | null {
  return isObject(tool) && isObject(tool.annotations) ? tool.annotations : null;
}

function mirrorsIn(tool: Json): readonly Mirror[] {
  return isObject(tool) ? mirrorsOf(tool.inputSchema) : [];
}
