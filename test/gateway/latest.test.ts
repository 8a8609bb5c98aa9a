import { expect, it } from "vitest";
import { Latest } from "../../src/gateway/history/latest.ts";
import { Recent } from "../../src/gateway/history/recent.ts";

it("keeps those used last", () => {
  const latest = new Latest<string>(4);
  for (const key of ["a", "b", "c", "d", "a", "e"]) latest.use(key, () => `${key}!`);
  expect(latest.list()).toEqual(["a!", "e!"]);
  expect(latest.use("a", () => "another")).toBe("a!");
  for (let n = 0; n < 100; n++) latest.use(`x${n}`, () => "x");
  expect(latest.list().length).toBeLessThanOrEqual(4);
});

it("keeps the last, oldest first", () => {
  const recent = new Recent<number>(2);
  for (const n of [1, 2, 3]) recent.add(n);
  expect(recent.list()).toEqual([2, 3]);
});
