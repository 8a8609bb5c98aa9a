/** Picking the gateways to look at. */
import { pointed } from "./detail.ts";
import type { GatewayState } from "./gateway-state.ts";
import type { Model } from "./model.ts";
import type { Keyed } from "./ring.ts";
import type { Store } from "./store.ts";

/** A gateway in its pane; its key is its id. */
export type GatewayRow = Keyed & {
  /** What to call it. */
  readonly name: string;
  readonly state: GatewayState;
  /** Whether it is looked at. */
  readonly picked: boolean;
};

/** Those that run first, the latest started or ended first. */
export function gatewayRows(model: Model): GatewayRow[] {
  const age = ({ endedAt, view }: GatewayState) => endedAt ?? view.startedAt;
  return [...model.gateways.values()]
    .sort((a, b) => Number(a.endedAt !== null) - Number(b.endedAt !== null) || age(b) - age(a))
    .map((state) => ({
      key: state.view.id,
      name: model.nameOf(state.view.id),
      state,
      picked: model.picked?.has(state.view.id) ?? true,
    }));
}

/**
 * With all in view, only this one from now on; else this one as well, or no more. None left is all again.
 *
 * @returns what is looked at then
 */
export function togglePick(model: Model, gateway: string): string {
  const picked = new Set(model.picked ?? []);
  if (!picked.delete(gateway)) picked.add(gateway);
  const all = picked.size === 0 || picked.size === model.gateways.size;
  model.pick(all ? null : picked);
  return pickedText(model);
}

export function pickedText(model: Model): string {
  if (model.picked === null) return "all gateways";
  return `only ${model.shown.map(({ view }) => model.nameOf(view.id)).join(", ")}`;
}

/** The gateway of what the person points at: a row of their pane, or a call. */
export function pointedGateway(store: Store): string | null {
  const of = pointed(store);
  if (of?.kind === "gateway") return of.row.key;
  return of?.kind === "call" ? of.row.gateway : null;
}

/** The gateways that a word names: by id, by process id, by what they are called, or by an upstream's name. */
export function gatewaysNamed(model: Model, word: string): string[] {
  return [...model.gateways.values()].flatMap(({ view, upstreams }) => {
    const words = [view.id, String(view.pid), model.nameOf(view.id), ...upstreams.map(({ name }) => name)];
    return words.includes(word) ? [view.id] : [];
  });
}

/** A word that names each. */
export function pickWords(model: Model): string[] {
  return [...model.gateways.values()].map(({ view }) => {
    const name = model.nameOf(view.id);
    return /\s/.test(name) ? String(view.pid) : name;
  });
}
