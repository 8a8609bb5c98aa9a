import fc from "fast-check";
import { expect, test } from "vitest";
import { PassingMap } from "../../src/wire/passing-map.ts";

test("a map through which entries pass says what a map says", () => {
  const step = fc.record({ add: fc.boolean(), key: fc.nat(40) });
  const law = fc.property(fc.array(step, { minLength: 1_000, maxLength: 2_000 }), (steps) => {
    const passing = new PassingMap<number, number>();
    const plain = new Map<number, number>();
    for (const [i, { add, key }] of steps.entries()) {
      if (add) {
        passing.set(key, i);
        plain.set(key, i);
      } else expect(passing.delete(key)).toBe(plain.delete(key));
    }
    expect([...passing]).toEqual([...plain]);
    expect([...passing.values()]).toEqual([...plain.values()]);
    expect(passing.size).toBe(plain.size);
  });
  fc.assert(law, { numRuns: 20 });
});
