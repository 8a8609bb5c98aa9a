/** Picking the gateways to look at. */
import { expect, it } from "vitest";
import { press } from "../../src/screen/app.tsx";
import { frame } from "../../src/screen/frame.ts";
import type { Store } from "../../src/screen/store.ts";
import { FakeGateway } from "./fake-gateway.ts";
import { plain, storeWith } from "./helpers.ts";

function two(columns = 120, rows = 40): { store: Store; mail: FakeGateway } {
  const { store } = storeWith(3, { size: { columns, rows } });
  const mail = new FakeGateway("mail", { id: "second", pid: 77, transport: "stdio", startedAt: 1 });
  mail.call({ tool: "send", verdict: "deny" });
  store.model.attach(mail.view);
  store.model.snapshot("second", mail.snapshot(), Date.now());
  return { store, mail };
}

const text = (store: Store) => plain(frame(store).join("\n"));

it.each([
  [80, 24],
  [120, 40],
  [200, 60],
])("w picks the gateway of a row, in the calls or in the pane, at %ix%i", (columns, rows) => {
  const { store, mail } = two(columns, rows);
  expect(text(store)).toMatch(/time +gateway +/);
  expect(text(store)).toMatch(/Gateways/);
  press(store, "w"); // The newest call is of mail.
  expect(store.ui.notice?.text).toBe("looking at only mail");
  expect(text(store)).toContain("1 of 2 gateways:  mail stdio, pid 77");
  expect(text(store)).toMatch(/Calls 1 /);
  expect(text(store)).not.toMatch(/time +gateway +/);
  expect(text(store)).toContain("0 allowed  1 denied");
  mail.hold();
  store.model.snapshot("second", mail.snapshot(), Date.now());
  expect(text(store)).toContain("? 1 HELD ");

  store.run("pane gateways");
  press(store, "g");
  expect(text(store)).toMatch(/▌○ +payments +up 1m/);
  press(store, "w"); // Both, which is all.
  expect(store.ui.notice?.text).toBe("looking at all gateways");
  press(store, "w");
  expect(text(store)).toContain("? 1 HELD elsewhere");
  for (const key of ["a", "A"]) {
    press(store, key);
    expect(store.ui.notice?.text).toContain("held elsewhere: W looks at all gateways again");
  }
  press(store, "W");
  expect(store.model.picked).toBeNull();
  press(store, "enter");
  expect(text(store)).toContain("agents by   http://127.0.0.1:4711/mcp");
});

it("pick names several, and says what there is where there is no such one", () => {
  const { store } = two();
  store.run("pick mail 4242");
  expect(store.model.shown).toHaveLength(2);
  store.run("pick 77");
  expect(store.model.shown.map(({ name }) => name)).toEqual(["mail"]);
  store.run("pick nobody");
  expect(store.ui.notice?.text).toBe("there is no gateway nobody: payments, mail");
  store.run("pick all");
  expect(store.model.picked).toBeNull();
});

it("paused, the calls stand still and everything is of those picked", () => {
  const { store, mail } = two();
  store.run("pause");
  store.run("pick mail");
  store.model.events("second", [{ type: "call", call: mail.call({ tool: "later" }) }], Date.now());
  expect(store.content().calls.length).toBe(1);
  expect(store.content().denials.length).toBe(1);
  store.run("pick 4242");
  expect(store.content().calls.length).toBe(3);
  expect(store.content().denials.length).toBe(0);
  expect(text(store)).toContain("paused, 1 new");
});

it("an ended one stays to be looked at; forgotten, all are in view again", () => {
  const { store } = two();
  store.run("pick mail");
  store.model.end("second", Date.now());
  expect(text(store)).toContain("mail ended just now");
  for (let n = 0; n < 130; n++) {
    store.model.attach(new FakeGateway(`g${n}`, { id: `g${n}` }).view);
    store.model.end(`g${n}`, Date.now() + 1 + n);
  }
  expect(store.model.picked).toBeNull();
});

it("a call is named by its gateway too, where several have one of that id", () => {
  const { store } = two();
  store.run("why 1");
  expect(store.ui.notice?.text).toBe("several gateways have a call 1: payments/1, mail/1");
  store.run("why mail/1");
  expect(text(store)).toMatch(/send +✗ DENY/);
  store.run("pick payments");
  store.run("why 1");
  expect(text(store)).not.toContain("send");
  store.run("why mail/1");
  expect(store.ui.notice?.text).toContain("no call mail/1 is known");
});

it("what gateways answer is under the name of each", () => {
  const { store } = two();
  for (const { view } of store.model.shown) {
    const whatIf = {
      time: 1,
      under: "the policy in force",
      calls: 3,
      unknown: 0,
      wouldDeny: 0,
      wouldAllow: 0,
    };
    store.model.events(view.id, [{ type: "whatIf", whatIf: { ...whatIf, wouldAsk: 0, flips: [] } }], 1);
  }
  store.run("whatif");
  expect(text(store)).toMatch(
    /payments\s+none of the last 3 calls[^\n]*\n\s*\n\s+mail\s*\n\s+none of the last 3/,
  );
});
