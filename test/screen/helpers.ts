import { Store, type StoreOptions } from "../../src/screen/store.ts";
import { FakeGateway } from "./fake-gateway.ts";

/** A store with `calls` calls of one gateway, without sockets. */
export function storeWith(
  calls: number,
  options: Partial<StoreOptions> = {},
): { store: Store; gateway: FakeGateway } {
  const gateway = new FakeGateway();
  const asked: StoreOptions["ask"] = async (_, command) => {
    const call = gateway.calls.find((each) => command === `why ${each.id}`);
    if (!call) throw new Error("no such call");
    return gateway.detail(call);
  };
  const store = new Store({
    size: { columns: 120, rows: 40 },
    waitingFor: "Looking nowhere",
    quit: () => {},
    ask: asked,
    evaluate: () => Promise.reject(new Error("there is no plugin host here")),
    recorded: async () => null,
    ...options,
  });
  for (let n = 0; n < calls; n++) gateway.call();
  store.model.attach(gateway.view);
  store.model.snapshot(gateway.view.id, gateway.snapshot(), Date.now());
  return { store, gateway };
}

/** Without the screen's own colours. */
export const plain = (text: string): string => text.replace(/\x1b\[[\d;]*m/g, "");
