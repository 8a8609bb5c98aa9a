import { equal } from "../policy/conditions/equality.ts";
import type { Call } from "../policy/types.ts";
import { Lane } from "./lane.ts";
import type { LoadedPlugin, Opinion } from "./plugin.ts";
import { type Reading, refreshed } from "./readings.ts";

/** What all plugins think of a call. */
export interface Counsel {
  /** The call as it would go on: with the arguments that plugins edited. */
  readonly call: Call;
  readonly edited: boolean;
  /** In the plugins' order, each on `call`. Of a call that is denied they may be on the call as it came. */
  readonly opinions: readonly { readonly plugin: LoadedPlugin; readonly opinion: Opinion }[];
  /** Counters to reserve together with those of the rules. */
  readonly readings: readonly Reading[];
}

/**
 * Decides and reserves, in one step, on what the plugins said: `done` with the outcome, or `moved` with the counters
 * (micros, by id) where `holds` says that a plugin saw others than there are.
 */
export type Settle<T> = (
  counsel: Counsel,
  holds: (before: ReadonlyMap<string, bigint>) => boolean,
) => { readonly done: T } | { readonly moved: ReadonlyMap<string, bigint> };

/** Other gateways count on the same counters: this often a plugin is asked again because of them. */
const MOST_ROUNDS = 20;

/** Calls of this gateway whose plugins count go one by one, so that they do not make each other's answers stale. */
const counting = new Lane();

/**
 * Asks the plugins about a call and settles on what they say. A plugin sees counters as they stood when it was
 * asked, and its answer holds only if they still do when the call is settled; else it is asked again. The first
 * time they are not known, and it is told 0.
 *
 * @returns null where counters moved every time
 */
export async function consult<T>(
  plugins: readonly LoadedPlugin[],
  call: Call,
  settle: Settle<T>,
): Promise<T | null> {
  const concerned = plugins.filter((plugin) => plugin.has("onCall") && plugin.appliesTo(call.tool));
  const rounds = async (): Promise<T | null> => {
    let known: ReadonlyMap<LoadedPlugin, readonly Reading[]> = new Map();
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const counsel = await ask(concerned, call, known);
      const settled = settle(counsel, (before) => refreshed(counsel.readings, before) === null);
      if ("done" in settled) return settled.done;
      known = new Map(
        counsel.opinions.map(({ plugin, opinion }) => [
          plugin,
          refreshed(opinion.readings, settled.moved) ?? opinion.readings,
        ]),
      );
    }
    return null;
  };
  return concerned.some((plugin) => plugin.counts) ? counting.run(rounds) : rounds();
}

type Known = ReadonlyMap<LoadedPlugin, readonly Reading[]>;
type Opinions = Counsel["opinions"];

async function ask(plugins: readonly LoadedPlugin[], call: Call, known: Known): Promise<Counsel> {
  const first = await opinionsOn(plugins, call, known);
  const edits = first.some(({ opinion }) => opinion.verdict === "edit");
  if (!edits || first.some(({ opinion }) => opinion.verdict === "deny")) return counsel(call, false, first);

  // Each edits what those before it left. Then all judge what will be sent, and nobody may want it otherwise.
  let edited = call;
  for (const plugin of plugins) {
    const { args } = await plugin.onCall(edited, known.get(plugin));
    if (args !== null) edited = { ...edited, args };
  }
  const final = await opinionsOn(plugins, edited, known);
  const agreed = final.map(({ plugin, opinion }) => {
    if (opinion.args === null) return { plugin, opinion };
    const same = equal(opinion.args, edited.args);
    const verdict = same ? ("allow" as const) : ("deny" as const);
    const message = same ? "" : `Plugin "${plugin.name}" would edit the arguments again and again`;
    return { plugin, opinion: { ...opinion, verdict, message, args: null } };
  });
  return counsel(edited, true, agreed);
}

function opinionsOn(plugins: readonly LoadedPlugin[], call: Call, known: Known): Promise<Opinions> {
  return Promise.all(
    plugins.map(async (plugin) => ({ plugin, opinion: await plugin.onCall(call, known.get(plugin)) })),
  );
}

function counsel(call: Call, edited: boolean, opinions: Opinions): Counsel {
  return { call, edited, opinions, readings: opinions.flatMap(({ opinion }) => opinion.readings) };
}
