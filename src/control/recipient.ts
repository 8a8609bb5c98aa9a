import { countersNamed } from "./counter-names.ts";
import type { Snapshot } from "./protocol.ts";

/** What of a gateway says which commands are about it. */
export type Reachable = Pick<Snapshot, "upstreams" | "tools" | "counters" | "operator" | "policy">;

/** What a command for one gateway is about, by the first word of its signature. */
const ABOUT: Readonly<Record<string, (argument: string) => (of: Reachable) => boolean>> = {
  TOOL: (argument) => {
    const [tool = ""] = argument.split(/\s/, 1);
    const [, server = ""] = /^([^/]*)\//.exec(tool) ?? [];
    return ({ upstreams, tools }) =>
      upstreams.some(({ name }) => name === server) || tools.some(({ name }) => name === tool);
  },
  COUNTER: (argument) => {
    const but = argument.replace(/\s+\S+$/, "");
    return ({ counters }) => [argument, but].some((name) => countersNamed(name, counters).length > 0);
  },
  "[FILE]": (file) => {
    return ({ operator: { blocks, allows, holds }, policy }) =>
      blocks.length + allows.length + holds.length > 0 && (file === "" || policy.files.includes(file));
  },
};

/** Why there is none of which it is true. */
const NONE: Readonly<Record<string, (argument: string) => string>> = {
  TOOL: (argument) => `no gateway knows a tool ${argument.split(/\s/, 1)[0]}`,
  COUNTER: (argument) => `no gateway knows a counter ${argument.split(/\s/, 1)[0]}`,
  "[FILE]": (file) =>
    `there is nothing to write${file === "" ? "" : ` to ${file}`}: block, allow and hold change things`,
};

export const SEVERAL = "several gateways have it: name its server, as in payments/create_charge";

/**
 * The one gateway of several that a command is for.
 *
 * @returns the gateway, or why none can be told
 */
export function recipient<Gateway>(
  { args }: { readonly args: string },
  argument: string,
  gateways: readonly Gateway[],
  of: (gateway: Gateway) => Reachable,
): Gateway | string {
  const [only, another] = gateways;
  if (only === undefined) return "no gateway is running";
  if (another === undefined) return only;
  const [kind = ""] = args.split(" ");
  const about = ABOUT[kind]?.(argument) ?? (() => true);
  const [first, second] = gateways.filter((gateway) => about(of(gateway)));
  if (first === undefined) return NONE[kind]?.(argument) ?? "no gateway knows of it";
  // Counters and files are shared: any gateway that has them will do.
  if (second === undefined || kind !== "TOOL") return first;
  return SEVERAL;
}
