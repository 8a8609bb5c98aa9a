import { describe, expect, it } from "vitest";
import { press } from "../../src/screen/app.tsx";
import { windowOf } from "../../src/screen/cursor.ts";
import { frame } from "../../src/screen/frame.ts";
import { plain, storeWith } from "./helpers.ts";

const text = (store: Parameters<typeof frame>[0]) => plain(frame(store).join("\n"));

describe("selection", () => {
  it("follows the newest until the person moves up, and again with G", () => {
    const { store, gateway } = storeWith(50);
    const add = () =>
      store.model.events(gateway.view.id, [{ type: "call", call: gateway.call() }], Date.now());
    const chosen = () => {
      const { calls } = store.content();
      return calls.at(windowOf(calls, store.cursor("calls"), 10).selected)?.call.id;
    };
    expect(chosen()).toBe("50");
    add();
    expect(chosen()).toBe("51");
    press(store, "k");
    expect(chosen()).toBe("50");
    add();
    expect(chosen()).toBe("50");
    press(store, "G");
    expect(chosen()).toBe("52");
    press(store, "g");
    expect(chosen()).toBe("1");
    press(store, "f");
    expect(chosen()).toBe("52");
  });

  it("stays on its row and line while rows arrive", () => {
    const { store, gateway } = storeWith(50);
    press(store, "k");
    const before = frame(store).findIndex((row) => row.includes("▌"));
    for (let n = 0; n < 30; n++)
      store.model.events(gateway.view.id, [{ type: "call", call: gateway.call() }], Date.now());
    expect(frame(store).findIndex((row) => row.includes("▌"))).toBe(before);
  });
});

describe("pause", () => {
  it("freezes the panes and counts what is new", () => {
    const { store, gateway } = storeWith(50);
    press(store, "space");
    const last = () =>
      text(store)
        .split("\n")
        .find((row) => row.startsWith("▌"));
    const before = last();
    for (let n = 0; n < 3; n++)
      store.model.events(gateway.view.id, [{ type: "call", call: gateway.call() }], Date.now());
    expect(last()).toBe(before);
    expect(text(store)).toContain("paused, 3 new");
    press(store, "space");
    expect(text(store)).toContain("following");
  });
});

describe("a key that cannot act", () => {
  it.each([
    [0, ["enter"], "no call yet"],
    [3, ["G", "j"], "this is the last row"],
    [3, ["g", "k"], "this is the first row"],
    [3, ["esc"], "nothing to go back from"],
    [3, ["x"], "x is not bound"],
    [3, ["enter", "f"], "works in the panes"],
    [3, ["space", "f"], "paused"],
  ] as const)("says why (%i calls, %j)", (calls, keys, why) => {
    const { store } = storeWith(calls);
    for (const key of keys) press(store, key);
    expect(text(store)).toContain(why);
  });
});

describe("detail", () => {
  it("shows the trace with what each condition found", async () => {
    const { store } = storeWith(7);
    press(store, "enter");
    expect(text(store)).toContain("asking the gateway");
    await new Promise((resolve) => setTimeout(resolve, 5));
    const shown = text(store);
    expect(shown).toContain('✗ DENY by "max single charge"');
    expect(shown).toContain("✗ args.amount lte 50000   actual 60000");
    expect(shown).toContain('"amount": 60000');
    expect(shown).toContain("policies/payments.yaml:7");
  });

  it("says why it could not be had, and shows what there is", async () => {
    const { store } = storeWith(7, {
      ask: () => Promise.reject(new Error("the gateway of this call has ended")),
    });
    press(store, "enter");
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(text(store)).toContain("the gateway of this call has ended");
    expect(text(store)).toContain("60000");
  });
});

describe("drawing", () => {
  it("happens at most 15 times a second, however much changes", async () => {
    const { store } = storeWith(1);
    let draws = 0;
    store.subscribe(() => draws++);
    const until = performance.now() + 1000;
    while (performance.now() < until) {
      store.changed();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(draws).toBeGreaterThan(5);
    expect(draws).toBeLessThanOrEqual(16);
    store.close();
  });
});
