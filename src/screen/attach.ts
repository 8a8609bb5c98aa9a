/** Keeps a store attached to gateways. */
import type { Following } from "../control/follow.ts";
import { refreshDetail } from "./detail.ts";
import type { Store } from "./store.ts";

/** @param missed called when a gateway has dropped what this screen was too slow for, and starts anew */
export function attach(following: Following, store: Store, missed: () => void): void {
  const model = store.live;
  const drawn = (take: () => void) => {
    take();
    refreshDetail(store);
    store.changed();
  };
  void following.start({
    attached: (gateway) => drawn(() => model.attach(gateway)),
    snapshot(gateway, snapshot) {
      const again = model.gateways.get(gateway)?.heard === true;
      drawn(() => model.snapshot(gateway, snapshot, store.now()));
      if (again) missed();
    },
    events: (gateway, events) => drawn(() => model.events(gateway, events, store.now())),
    ended: (gateway) => drawn(() => model.end(gateway, store.now())),
    trouble(message) {
      model.note(message, store.now()); // A notice is gone after a moment.
      store.notice(message);
    },
  });
}
