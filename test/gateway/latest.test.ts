import { expect, it } from "vitest";
import { Latest } from "../../src/gateway/latest.ts";
import { Recent } from "../../src/gateway/recent.ts";

it("keeps those used last", () => {
  const latest = new Latest<string>(2);
  for (const key of ["a", "b", "a", "c"]) latest.use(key, () => `${key}!`);
  expect(latest.list()).toEqual(["a!", "c!"]);
  expect(latest.use("a", () => "another")).toBe("a!");
});

it("keeps the last, oldest first", () => {
  const recent = new Recent<number>(2);
  for (const n of [1, 2, 3]) recent.add(n);
  expect(recent.list()).toEqual([2, 3]);
});
