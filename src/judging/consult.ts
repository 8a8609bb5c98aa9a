/** The part of judging a call that asks plugins; loaded with the first of them. */
import { failureText } from "../plugins/failure.ts";
import { Lane } from "../plugins/lane.ts";
import type { Opinion } from "../plugins/plugin.ts";
import { type Reading, refreshed } from "../plugins/readings.ts";
import type { Seat } from "../plugins/seats.ts";
import { equal } from "../policy/conditions/equality.ts";
import type { Policy } from "../policy/plan.ts";
import type { Call, Vote } from "../policy/types.ts";
import type { Reserving } from "../state/store.ts";
import { type Brief, type Ruling, rule, type Terms, unavailable } from "./rule.ts";

/** Other gateways count on the same counters: this often plugins are asked again because of them. */
const MOST_ROUNDS = 20;
/** How long a person has for a call that a plugin asks about, in ms: as for rules that do not say. */
const ASK_MS = 120_000;

/** Calls of this process whose plugins count go one by one, so that they do not make each other's answers stale. */
const counting = new Lane();

/**
 * Judges a call that plugins are to be asked about. A plugin sees counters as they stood when it was asked, and its
 * answer holds only if they still do when the call is settled; else it is asked again. The first time they are not
 * known, and it is told 0.
 */
export function judgeWith(
  seats: readonly Seat[],
  call: Call,
  policy: Policy,
  store: Reserving,
  terms: Terms,
): Promise<Ruling> {
  const plugins = seats.map(({ plugin: { name, hash } }) => ({ name, hash }));
  const rounds = async (): Promise<Ruling> => {
    let known: Known = new Map();
    let { earlier } = terms;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const { heard, ...counsel } = await hear(seats, call, known, terms.final);
      const readings = heard.flatMap(({ opinion }) => opinion.readings);
      const stood: { moved: ReadonlyMap<string, bigint> | null } = { moved: null };
      const brief: Brief = {
        ...counsel,
        plugins,
        votes: heard.map(voteOf),
        looked: readings.map(({ need }) => need),
        counts(before) {
          const stands = refreshed(readings, before) === null;
          if (!stands) stood.moved = before;
          return stands;
        },
      };
      const ruling = rule(brief, policy, store, { ...terms, earlier });
      const { moved } = stood;
      if (moved === null) return ruling;
      earlier = null;
      known = new Map(
        heard.map(({ seat, opinion }) => [seat, refreshed(opinion.readings, moved) ?? opinion.readings]),
      );
    }
    const denial = unavailable(
      "counters move",
      "The counters of its plugins changed all the time: try again.",
    );
    const unsettled = {
      call,
      edited: false,
      said: null,
      reservation: null,
      before: new Map(),
      uncounted: false,
    };
    return { ...unsettled, plugins, decision: denial, again: () => denial };
  };
  return seats.some(({ plugin }) => plugin.counts) ? counting.run(rounds) : rounds();
}

type Known = ReadonlyMap<Seat, readonly Reading[]>;

/** What one plugin says. */
interface Heard {
  readonly seat: Seat;
  readonly opinion: Opinion;
  /** What it did to the arguments. */
  readonly note?: string;
}

interface Counsel {
  /** The call as it would go on: with the arguments that plugins edited. */
  readonly call: Call;
  readonly edited: boolean;
  /** Each on `call`; of a call that is denied they may be on the call as it came. */
  readonly heard: readonly Heard[];
}

/** Asks the plugins; those of files that only watch say what they think of what the others made of the call. */
async function hear(seats: readonly Seat[], call: Call, known: Known, final: boolean): Promise<Counsel> {
  const enforced = await edit(
    seats.filter(({ use }) => !use.shadow),
    call,
    known,
    final,
  );
  const watching = await opinionsOn(
    seats.filter(({ use }) => use.shadow),
    enforced.call,
    known,
  );
  return { ...enforced, heard: [...enforced.heard, ...watching] };
}

/** Each edits what those before it left. Then all judge what will be sent, and nobody may want it otherwise. */
async function edit(seats: readonly Seat[], call: Call, known: Known, final: boolean): Promise<Counsel> {
  const first = await opinionsOn(seats, call, known);
  const edits = first.some(({ opinion }) => opinion.verdict === "edit");
  if (!edits || first.some(({ opinion }) => opinion.verdict === "deny"))
    return { call, edited: false, heard: first };

  const editors = new Set<Seat>();
  let edited = call;
  for (const seat of seats) {
    const { args } = await seat.plugin.onCall(edited, known.get(seat));
    if (args === null || equal(args, edited.args)) continue;
    if (final) return { call, edited: false, heard: first.map(overruled) };
    edited = { ...edited, args };
    editors.add(seat);
  }
  const heard = (await opinionsOn(seats, edited, known)).map(({ seat, opinion }): Heard => {
    if (opinion.args !== null && !equal(opinion.args, edited.args)) return denied(seat, opinion, AGAIN);
    return editors.has(seat) ? { seat, opinion, note: "edited the arguments" } : { seat, opinion };
  });
  return { call: edited, edited: editors.size > 0, heard };
}

const AGAIN = "would edit the arguments again and again";
const AFTER = "would edit arguments that a person has approved";

const overruled = ({ seat, opinion }: Heard): Heard =>
  opinion.verdict === "edit" ? denied(seat, opinion, AFTER) : { seat, opinion };

function denied(seat: Seat, opinion: Opinion, why: string): Heard {
  const message = `Plugin "${seat.plugin.name}" ${why}`;
  return { seat, opinion: { ...opinion, verdict: "deny", message, args: null } };
}

function opinionsOn(seats: readonly Seat[], call: Call, known: Known): Promise<Heard[]> {
  return Promise.all(
    seats.map(async (seat) => ({ seat, opinion: await seat.plugin.onCall(call, known.get(seat)) })),
  );
}

function voteOf({ seat: { plugin, use }, opinion, note }: Heard): Vote {
  const { verdict, message, evidence, place, readings, failure } = opinion;
  const failed = failure !== null && verdict === "deny";
  const outcome = verdict === "edit" || verdict === "allow" ? "pass" : failed ? "error" : verdict;
  const why = failure !== null ? failureText(failure) : verdict === "edit" && use.shadow ? WOULD : note;
  return {
    rule: { name: plugin.name, tool: "plugins", file: place.file, line: place.line },
    outcome,
    message,
    evidence,
    ...(why === undefined ? {} : { note: why }),
    timeoutMs: ASK_MS,
    shadow: use.shadow,
    adds: readings.flatMap(({ need }) => (need.add > 0n ? [need] : [])),
  };
}

const WOULD = "would edit the arguments";
