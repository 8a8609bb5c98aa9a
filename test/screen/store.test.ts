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
    [3, ["2", "f"], "works in calls only"],
    [3, ["2", "enter", "o"], "works in the detail of a call, denial, policy only"],
    [3, ["8", "o"], "works in holds, calls, denials, policies only"],
    [3, ["z"], "works in the detail of a call only"],
    [3, ["enter", "n"], "this is the last call"],
    [3, ["enter", "z"], "nothing folds here"],
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
    expect(shown).toContain("amount: 60000");
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

const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("inside a call's detail", () => {
  it("goes to the next and the previous call, folds, and copies what is at the mark", async () => {
    const copies: string[] = [];
    const { store, gateway } = storeWith(7, { copy: (copied) => copies.push(copied) });
    const long = { amount: 1.5, who: { id: "cus_1", notes: ["a".repeat(50), "b".repeat(50)] } };
    const call = gateway.call({ arguments: JSON.stringify(long), tool: "create_charge" });
    store.model.events(gateway.view.id, [{ type: "call", call }], Date.now());
    for (const key of ["enter", "p", "n"]) press(store, key);
    await soon();
    expect(text(store)).toContain("call 8");
    expect(text(store)).toContain("server 3.6ms");
    expect(text(store)).toContain("650,000 + 1,200 → 651,200");
    const marked = () =>
      text(store)
        .split("\n")
        .find((row) => row.startsWith("▌")) ?? "";
    while (!marked().includes("who: {")) press(store, "j");
    press(store, "y");
    await soon();
    expect(JSON.parse(copies[0] ?? "")).toEqual(long.who);
    press(store, "j");
    expect(marked()).toContain('id: "cus_1"');
    press(store, "y");
    await soon();
    expect(copies[1]).toBe("cus_1");
    press(store, "enter"); // What it is a part of.
    expect(marked()).toContain("who: {…}  2 keys");
    press(store, "z");
    expect(text(store)).toContain("cus_1");
    press(store, "Z");
    expect(text(store)).not.toContain("cus_1");
    press(store, "g");
    press(store, "y");
    await soon();
    expect(JSON.parse(copies[2] ?? "")).toMatchObject({
      id: "8",
      arguments: long,
      result: { isError: false },
    });
    press(store, "esc");
    expect(text(store)).toContain("8 of 8");
  });
});

describe("panes", () => {
  it("are gone to by their digits and say what they are about, at any size", () => {
    const said: Record<string, string> = {
      2: "daily_spend",
      3: "last message",
      4: "destructive",
      5: "1 connected",
      6: "in force",
      7: "up ",
      8: "dropped a frame",
    };
    for (const [columns, rows] of [
      [80, 24],
      [120, 40],
      [170, 40],
      [200, 60],
    ] as const) {
      const { store } = storeWith(10, { size: { columns, rows } });
      for (const [key, expected] of Object.entries(said)) {
        press(store, key);
        expect(text(store)).toContain(expected);
        press(store, "enter");
        expect(store.ui.view).toBe("detail");
        frame(store);
        press(store, "esc");
      }
    }
  });

  it("show when things were by the clock, or how long ago", () => {
    const { store } = storeWith(3);
    press(store, "t");
    expect(text(store)).toMatch(/▌just now/);
    press(store, "t");
    expect(text(store)).toMatch(/▌\d\d:\d\d:\d\d/);
  });

  it("mark what is wrong with policies and plugins until it is mended", () => {
    const { store, gateway } = storeWith(3);
    const told = (policy: typeof gateway.policy) =>
      store.model.events(gateway.view.id, [{ type: "policy", policy }], Date.now());
    expect(text(store)).not.toContain("Policies 1  !");
    gateway.break();
    told(gateway.policy);
    expect(text(store)).toContain("Policies 1  ! ");
    const hours = { name: "hours", file: "hours.ts", hash: "1", since: Date.now() };
    const plugin = { ...hours, problems: [], calls: 0, commands: [] };
    told({ ...gateway.policy, problems: [], plugins: [{ ...plugin, state: "failed" }] });
    expect(text(store)).toContain("✗ plugin hours");
    told({ ...gateway.policy, problems: [], plugins: [{ ...plugin, state: "ready" }] });
    expect(text(store)).not.toContain("✗ plugin");
    expect(text(store)).not.toContain(" ! ");
  });

  it("keep to the newest line of the log until the person moves up", () => {
    const { store, gateway } = storeWith(3, { size: { columns: 80, rows: 24 } });
    press(store, "8");
    const log = (said: string) =>
      store.model.events(
        gateway.view.id,
        [{ type: "log", time: Date.now(), level: "info", text: said }],
        Date.now(),
      );
    const marked = () =>
      text(store)
        .split("\n")
        .find((row) => row.startsWith("▌")) ?? "";
    log("one more");
    expect(marked()).toContain("one more");
    press(store, "k");
    log("and another");
    expect(marked()).toContain("dropped a frame");
    press(store, "G");
    log("the last");
    expect(marked()).toContain("the last");
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
