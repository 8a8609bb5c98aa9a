/** Keeps a store attached to gateways. */
import type { Following } from "../control/follow.ts";
import { refreshDetail } from "./detail.ts";
import type { Store } from "./store.ts";

export function attach(following: Following, store: Store): void {
  const model = store.live;
  const drawn = (take: () => void) => {
    take();
    refreshDetail(store);
    store.changed();
  };
  void following.start({
    attached: (gateway) => drawn(() => model.attach(gateway)),
    snapshot: (gateway, snapshot) => drawn(() => model.snapshot(gateway, snapshot, store.now())),
    events: (gateway, events) => drawn(() => model.events(gateway, events, store.now())),
    ended: (gateway) => drawn(() => model.end(gateway, store.now())),
    trouble(message) {
      model.note(message, store.now()); // A notice is gone after a moment.
      store.notice(message);
    },
  });
}
