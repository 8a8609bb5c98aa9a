/** Which gateways are looked at. */
import type { Command } from "../command.ts";
import { freeze } from "../content.ts";
import { gatewaysNamed, pickedText, pickWords, pointedGateway, togglePick } from "../gateways.ts";
import type { Store } from "../store.ts";

export const pickCommands: readonly Command[] = [
  {
    name: "pick",
    args: "[GATEWAYS|all]",
    help: "looks only at the gateways named, or at all; alone, at that of the chosen row as well or no more",
    run(store, words) {
      const { model } = store;
      if (model.gateways.size === 0) return "no gateway yet: there is nothing to pick from";
      if (words === "") return toggle(store);
      if (words === "all") model.pick(null);
      else {
        const named = words.split(/\s+/).map((word) => ({ word, ids: gatewaysNamed(model, word) }));
        const unknown = named.find(({ ids }) => ids.length === 0);
        if (unknown) return `there is no gateway ${unknown.word}: ${pickWords(model).join(", ")}`;
        model.pick(new Set(named.flatMap(({ ids }) => ids)));
      }
      return tell(store, pickedText(model));
    },
  },
];

function toggle(store: Store): string | null {
  const gateway = pointedGateway(store);
  if (gateway === null) return "choose a row of the gateways or of the calls first";
  return tell(store, togglePick(store.model, gateway));
}

function tell(store: Store, picked: string): null {
  const { ui, model } = store;
  // Paused, the calls stay as they were; what is counted is of those looked at now.
  if (ui.frozen) {
    const { calls, log, arrived } = ui.frozen;
    ui.frozen = { ...freeze(model), calls, log, arrived };
  }
  store.say(`looking at ${picked}`);
  return null;
}
