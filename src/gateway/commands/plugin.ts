import type { Seat } from "../../plugins/seats.ts";
import type { Call } from "../../policy/types.ts";
import type { Gateway } from "../gateway.ts";
import { pluginViews } from "../views/plugin-views.ts";
import { firstWord, type Run } from "./command.ts";

/** Lists the plugins, or turns one off or on. */
export const plugin: Run = (gateway, argument) => {
  const [what, name] = firstWord(argument);
  if (what === "list" && name === "") return list(gateway);
  if ((what !== "enable" && what !== "disable") || name === "" || /\s/.test(name)) {
    throw new Error("Expected plugin list, plugin disable NAME or plugin enable NAME.");
  }
  const { policies, operator } = gateway;
  const named = policies.loaded.seats.filter((seat) => seat.plugin.name === name);
  if (named.length === 0) {
    const names = [...new Set(policies.loaded.seats.map((seat) => seat.plugin.name))];
    const there = names.length === 0 ? "the policy names none" : `there are ${names.join(", ")}`;
    throw new Error(`There is no plugin ${JSON.stringify(name)}: ${there}.`);
  }
  policies.turn(name, what === "enable");
  operator.note(`plugin ${what} ${name}`);
  gateway.toolsChanged(() => named.some((seat) => seat.plugin.has("onTools")));
  return what === "enable"
    ? `plugin ${name} is asked again`
    : `plugin ${name} is not asked until plugin enable ${name}: what only it would deny goes through`;
};

function list({ policies }: Gateway): string {
  const views = pluginViews(policies);
  if (views.length === 0) return "the policy names no plugins";
  return views
    .map(({ name, state, calls, file, hash, problems }) => {
      const wrong = problems.map(({ message }) => `; ${message}`).join("");
      return `${name}: ${state}, asked about ${calls} calls (${file}, ${hash.slice(0, 12)})${wrong}`;
    })
    .join("\n");
}

/** How often a command is asked again, where the counters that it looks at move. */
const MOST_ROUNDS = 5;

/**
 * Runs a command of a plugin's own: `NAME COMMAND [words]`.
 *
 * @returns its text; null where no plugin is called so
 * @throws Error saying what was expected, or how the plugin failed
 */
export async function pluginCommand(
  gateway: Gateway,
  name: string,
  argument: string,
): Promise<string | null> {
  const seat = gateway.policies.loaded.seats.find((each) => each.plugin.name === name);
  if (seat === undefined) return null;
  const { commands } = seat.plugin.parts.description;
  const [word, rest] = firstWord(argument);
  if (!commands.some((command) => command.name === word)) {
    const there = commands.map((command) => `${name} ${command.name}: ${command.help}`).join("; ");
    throw new Error(there === "" ? `The plugin ${name} has no commands.` : `Expected ${there}.`);
  }
  const words = rest === "" ? [] : rest.split(/\s+/);
  const upstreams = gateway.upstreams.filter((upstream) => seat.use.governs(upstream.name));
  const texts = await Promise.all(
    upstreams.map((upstream) => said(gateway, seat, upstream.name, word, words)),
  );
  if (texts.length === 1) return texts[0] ?? "";
  return texts.map((text, i) => `${upstreams[i]?.name}: ${text}`).join("\n");
}

async function said(
  gateway: Gateway,
  { plugin }: Seat,
  upstream: string,
  name: string,
  words: readonly string[],
): Promise<string> {
  const { refreshed } = await import("../../plugins/readings.ts");
  const call: Call = { tool: "", args: {}, upstream, agent: "operator", session: "", time: gateway.clock() };
  let known: Parameters<typeof plugin.command>[3] = [];
  for (let round = 1; ; round++) {
    const { text, readings, failure } = await plugin.command(name, words, call, known);
    if (failure !== null) throw new Error(`The plugin ${plugin.name}: ${text}`);
    const needs = readings.map(({ need }) => ({ ...need, add: 0n }));
    const look = (before: ReadonlyMap<string, bigint>) => ({ before, increments: [] });
    const { before } = gateway.store.reserve(needs, call.time, look).judged;
    const moved = refreshed(readings, before);
    if (moved === null || round === MOST_ROUNDS) return text;
    known = moved;
  }
}
