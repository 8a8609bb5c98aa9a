import { describe, expect, it } from "vitest";
import { duration, latency, number } from "../../src/screen/format.ts";
import { Model } from "../../src/screen/model.ts";
import { sparkline } from "../../src/screen/panes/header.ts";
import { Rate } from "../../src/screen/rate.ts";
import { Ring } from "../../src/screen/ring.ts";
import { FakeGateway } from "./fake-gateway.ts";

describe("ring", () => {
  it("keeps the newest rows and finds each by key", () => {
    const ring = new Ring<{ key: string }>(5);
    for (let n = 0; n < 13; n++) ring.push({ key: String(n) });
    expect(ring.toArray().map((row) => row.key)).toEqual(["8", "9", "10", "11", "12"]);
    for (let index = 0; index < 5; index++) expect(ring.indexOf(String(8 + index))).toBe(index);
    expect(ring.indexOf("7")).toBe(-1);
    ring.replace({ key: "9" });
    expect(ring.at(1)?.key).toBe("9");
    expect(ring.at(5)).toBeUndefined();
  });
});

describe("numbers and times", () => {
  it("read as a person writes them", () => {
    expect([0, 0.31, 4, 12.6, 999.7, 1234, 90_000].map(latency)).toEqual([
      "<1ms",
      "0.3ms",
      "4ms",
      "13ms",
      "1.0s",
      "1.2s",
      "1m",
    ]);
    expect(["1000000", "1234567.890001", "-1000", "12"].map(number)).toEqual([
      "1,000,000",
      "1,234,567.890001",
      "-1,000",
      "12",
    ]);
    expect([999, 59_000, 11_520_000, 86_400_000 + 3_600_000].map(duration)).toEqual([
      "0s",
      "59s",
      "3h12m",
      "1d1h",
    ]);
  });
});

describe("rate", () => {
  it("moves on with time and counts late calls in their second", () => {
    const rate = new Rate();
    rate.reset([1, 2], 100_000);
    rate.add(100_500);
    rate.add(102_000);
    rate.add(101_000);
    expect(rate.read(102_900).slice(-5)).toEqual([0, 1, 3, 1, 1]);
    expect(rate.read(500_000).every((calls) => calls === 0)).toBe(true);
  });

  it("shows a single call beside a thousand", () => {
    expect(sparkline([0, 1, 1000], 3)).toBe("▁▂█");
  });
});

describe("model", () => {
  it("merges gateways into one stream by time, with ids that cannot meet", () => {
    const model = new Model();
    const [one, two] = [new FakeGateway("one"), new FakeGateway("two")];
    one.call({ time: 10 });
    one.call({ time: 30 });
    two.call({ time: 20 });
    for (const gateway of [one, two]) {
      model.attach(gateway.view);
      model.snapshot(gateway.view.id, gateway.snapshot(), 100);
    }
    expect(model.calls.toArray().map(({ call }) => call.time)).toEqual([10, 20, 30]);
    expect(new Set(model.calls.toArray().map(({ key }) => key)).size).toBe(3);
  });

  it("takes a call's newer state in place, and a second snapshot without doubling", () => {
    const model = new Model();
    const gateway = new FakeGateway();
    model.attach(gateway.view);
    const call = gateway.call({ outcome: null, ms: null });
    model.events(gateway.view.id, [{ type: "call", call }], 1);
    model.events(gateway.view.id, [{ type: "call", call: { ...call, outcome: "ok", ms: 7 } }], 2);
    expect(model.calls.length).toBe(1);
    expect(model.calls.at(0)?.call.ms).toBe(7);
    model.snapshot(gateway.view.id, gateway.snapshot(), 3);
    expect(model.calls.length).toBe(1);
    expect(model.calls.arrived).toBe(1);
  });

  it("stays bounded, and lets no settled call that it forgot come back as a new one", () => {
    const model = new Model();
    const gateway = new FakeGateway();
    model.attach(gateway.view);
    const first = gateway.call({ time: 1 });
    for (let n = 0; n < 12_000; n++) {
      model.events(gateway.view.id, [{ type: "call", call: gateway.call({ time: 2 + n }) }], 2 + n);
    }
    expect(model.calls.length).toBe(10_000);
    model.events(gateway.view.id, [{ type: "call", call: { ...first, outcome: "lost" } }], 20_000);
    expect(model.calls.at(9_999)?.call.time).toBe(12_001);
  });

  it("shows a counter that two gateways share once, the later word", () => {
    const model = new Model();
    const [one, two] = [new FakeGateway("pay", { id: "1" }), new FakeGateway("pay", { id: "2" })];
    model.attach(one.view);
    model.attach(two.view);
    model.snapshot("1", one.snapshot(), 1);
    two.counters = [two.counter("_global", "pace", "58", "60", 0.97, "minute")];
    model.snapshot("2", two.snapshot(), 2);
    expect(model.counters.filter(({ counter }) => counter === "pace").map(({ used }) => used)).toEqual([
      "58",
    ]);
    expect(model.counters.at(-1)?.limit).toBeNull();
  });

  it("is of the gateways that are picked, but for what must not be missed", () => {
    const model = new Model();
    const [one, two] = [
      new FakeGateway("pay", { id: "1", pid: 11 }),
      new FakeGateway("pay", { id: "2", pid: 22 }),
    ];
    one.call({ verdict: "deny" });
    two.call({ verdict: "allow" });
    two.hold();
    for (const { view } of [one, two]) model.attach(view);
    model.snapshot("1", one.snapshot(), 1);
    model.snapshot("2", two.snapshot(), 1);
    expect([model.stream().length, model.denials.length, model.holds.length]).toEqual([3, 1, 1]);
    expect([model.nameOf("1"), model.nameOf("2")]).toEqual(["pay:11", "pay:22"]);

    model.pick(new Set(["1"]));
    expect([model.stream().length, model.denials.length, model.holds.length]).toEqual([1, 1, 0]);
    expect(model.shown.map(({ view }) => view.id)).toEqual(["1"]);
    expect(model.allHolds).toHaveLength(1);
    model.events("1", [{ type: "call", call: one.call() }], 2);
    model.events("2", [{ type: "call", call: two.call() }], 2);
    expect(model.stream().length).toBe(2);
    model.pick(null);
    expect(model.stream().length).toBe(5);
  });

  it("takes calls of the log where no gateway tells of them, and counts for those that cannot be asked", () => {
    const model = new Model();
    const gateway = new FakeGateway("pay", { id: "7-abc" });
    const calls = [10, 20, 30].map((time) => gateway.call({ time, verdict: "allow", ms: time }));
    gateway.calls = calls.slice(1);
    const old = { ...gateway.call({ time: 5, verdict: "deny" }), id: "1", upstream: "shop", agent: "gone" };
    const cut = { ...old, id: "2", time: 6, verdict: "allow" as const, outcome: null, ms: null };
    const past = [
      ...calls.map((call) => ({ gateway: "7-abc", call })),
      ...[old, cut].map((call) => ({ gateway: "9-x", call })),
    ];
    gateway.calls = calls.slice(1);
    model.attach(gateway.view);
    model.snapshot("7-abc", gateway.snapshot(), 100);
    const totals = { ...model.gateways.get("7-abc")?.totals };
    model.past(past, () => 50);
    model.past(past, () => 50);
    expect(model.calls.toArray().map(({ call: { time, outcome }, past }) => [time, outcome, past])).toEqual([
      [5, "denied", true],
      [6, "lost", true],
      [10, "ok", true],
      [20, "ok", undefined],
      [30, "ok", undefined],
    ]);
    expect(model.gateways.get("7-abc")?.totals).toEqual(totals);
    const gone = model.gateways.get("9-x");
    expect(gone).toMatchObject({
      name: "shop",
      endedAt: 50,
      totals: { calls: 2, allowed: 1, denied: 1, failed: 1 },
      denials: [{ count: 1, lastTime: 5 }],
      tools: [{ name: "create_charge", calls: 2, denied: 1, errors: 1, p50: null }],
      sessions: [{ agent: "gone", calls: 2, open: false, since: 5, lastTime: 6 }],
    });
    // It was there all the time, and only now says so.
    model.attach({ ...gateway.view, id: "9-x" });
    expect(gone).toMatchObject({ past: false, endedAt: null });
  });

  it("hears from the log how a call ended that it was too slow for", () => {
    const model = new Model();
    const gateway = new FakeGateway("pay", { id: "1" });
    const call = gateway.call({ verdict: "allow", outcome: null, ms: null });
    model.attach(gateway.view);
    model.snapshot("1", gateway.snapshot(), 1);
    model.past([{ gateway: "1", call: { ...call, outcome: "ok", ms: 5 } }], () => 0);
    expect(model.calls.at(0)?.call).toMatchObject({ outcome: "ok", ms: 5 });
    model.past([{ gateway: "1", call }], () => 0);
    expect(model.calls.at(0)?.call.outcome).toBe("ok");
  });

  it("looks at the gateway that takes the place of a picked one", () => {
    const model = new Model();
    const start = (id: string, name: string) => {
      const gateway = new FakeGateway(name, { id });
      model.attach(gateway.view);
      model.snapshot(id, gateway.snapshot(), 1);
    };
    start("1", "pay");
    start("2", "mail");
    model.pick(new Set(["1"]));
    start("3", "pay"); // Another one beside it.
    model.end("1", 2);
    start("4", "pay");
    start("5", "mail");
    expect([...(model.picked ?? [])]).toEqual(["1", "4"]);
  });

  it("a call that was under way when its gateway died is lost", () => {
    const model = new Model();
    const gateway = new FakeGateway("pay", { id: "1" });
    gateway.call({ verdict: "allow", outcome: null, ms: null });
    gateway.hold();
    model.attach(gateway.view);
    model.snapshot("1", gateway.snapshot(), 1);
    model.end("1", 2);
    expect(model.calls.toArray().map(({ call }) => call.outcome)).toEqual(["lost", "lost"]);
    expect(model.holds).toEqual([]);
    model.attach(gateway.view);
    model.snapshot("1", gateway.snapshot(), 3);
    expect(model.calls.toArray().map(({ call }) => call.outcome)).toEqual([null, null]);
  });

  it("sums a rule's denials and keeps what ended gateways said, but not without end", () => {
    const model = new Model();
    for (let n = 0; n < 140; n++) {
      const gateway = new FakeGateway("g", { id: String(n) });
      gateway.call({ verdict: "deny" });
      model.attach(gateway.view);
      model.snapshot(gateway.view.id, gateway.snapshot(), n);
      model.end(gateway.view.id, n);
    }
    expect(model.gateways.size).toBe(100);
    expect(model.denials.map(({ count }) => count)).toEqual([100]);
  });
});
