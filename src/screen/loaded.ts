/** A file of calls that is shown in place of the gateways. */
import { detailIn, type PastDetail } from "../control/past/detail.ts";
import type { Loaded } from "../control/past/load.ts";
import type { CallRow } from "./calls.ts";
import { count } from "./format.ts";
import { Model } from "./model.ts";
import type { Store } from "./store.ts";

/** What there is of a call beside its row; null where there is nothing. */
export type Recorded = (row: CallRow) => Promise<PastDetail | null>;

export type LoadedFile = Pick<Loaded, "file" | "left"> & {
  readonly model: Model;
  readonly recorded: Recorded;
};

/** A file's calls in place of the live ones. */
export function showLoaded(store: Store, { file, audit, calls, left }: Loaded): void {
  const model = new Model();
  const last = new Map(calls.map(({ gateway, call }) => [gateway, call.time]));
  model.past(calls, (gateway) => last.get(gateway) ?? 0);
  store.show({
    file,
    left,
    model,
    recorded: async ({ call }) => (audit ? detailIn([file], call.id) : null),
  });
  store.say(`${count(calls.length, "call")} of ${file}`);
}

/** Why a command that needs a gateway has none; null where there may be one. */
export function standsStill({ loaded }: Store): string | null {
  return loaded && "no gateway is behind a file; load alone goes back to the live ones";
}
