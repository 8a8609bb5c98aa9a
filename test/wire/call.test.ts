import { expect, it } from "vitest";
import { readAsked } from "../../src/wire/call.ts";
import { Refusal } from "../../src/wire/message.ts";

const asked = (method: string, params?: Record<string, string>) =>
  readAsked({ kind: "request", id: 1, method, params });

it("a subscription to no resource is the server's to answer: the modern era does not know the method", () => {
  expect(asked("resources/subscribe")).toEqual([]);
  expect(asked("resources/subscribe", { uri: "test://a" })).toMatchObject([
    { kind: "resource", name: "test://a" },
  ]);
  expect(() => asked("resources/subscribe", { uri: "" })).toThrow(Refusal);
});

it("nobody reads a resource without naming it", () => {
  expect(() => asked("resources/read")).toThrow(Refusal);
});
