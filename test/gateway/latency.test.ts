import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Latency } from "../../src/gateway/history/latency.ts";

describe("latency", () => {
  it("knows no quantile of nothing", () => {
    expect(new Latency().quantile(0.99)).toBeNull();
  });

  it("tells any quantile to within an eighth, or a sixteenth of a millisecond", () => {
    const times = fc.array(fc.double({ min: 0, max: 1_000_000, noNaN: true }), { minLength: 1 });
    const share = fc.constantFrom(0.01, 0.5, 0.9, 0.99, 1);
    fc.assert(
      fc.property(times, share, (ms, at) => {
        const latency = new Latency();
        for (const each of ms) latency.add(each);
        const exact = ms.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(at * ms.length)) - 1] ?? 0;
        expect(Math.abs((latency.quantile(at) ?? Number.NaN) - exact)).toBeLessThanOrEqual(
          Math.max(1 / 16, exact / 8),
        );
      }),
    );
  });

  it("counts what takes for ever with what takes longest", () => {
    const latency = new Latency();
    latency.add(1e12);
    latency.add(-1);
    expect(latency.quantile(1)).toBeGreaterThan(1_000_000);
    expect(latency.quantile(0.5)).toBe(0);
  });
});
