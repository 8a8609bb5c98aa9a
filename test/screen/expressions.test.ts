import { afterAll, expect, test } from "vitest";
import { complete } from "../../src/screen/complete.ts";
import { Expressions } from "../../src/screen/expressions/expressions.ts";
import { frame } from "../../src/screen/frame.ts";
import { plain, storeWith } from "./helpers.ts";

const expressions = new Expressions();
afterAll(() => expressions.close());

const DATA = {
  calls: [
    { id: "1", tool: "pay", denied: true, args: { amount: 5, note: "a\u001b[2Jb" } },
    { id: "2", tool: "list", denied: false, args: {} },
  ],
};
const value = (code: string) => expressions.evaluate(code, DATA);

test("values read as JavaScript writes them", async () => {
  expect(await value("calls.filter(c => c.denied).length")).toBe("1");
  expect(await value("_ + 1")).toBe("2");
  expect(await value("calls[0]")).toBe(
    '{\n  id: "1",\n  tool: "pay",\n  denied: true,\n  args: { amount: 5, note: "a\\u001b[2Jb" }\n}',
  );
  expect(await value("_.tool")).toBe('"pay"');
  expect(await value("const twice = (n) => n * 2; calls.map((c) => c.id)")).toBe('["1", "2"]');
  expect(await value("twice(21)")).toBe("42");
  expect(await value("Object.groupBy(calls, (c) => c.tool)")).toContain(
    'list: [{ id: "2", tool: "list", denied: false, args: {} }]',
  );
  expect(await value("new Map([['a', new Set([1n])]])")).toBe('Map { "a" => Set { 1n } }');
  expect(await value("[]")).toBe("[]");
  expect(await value("const me = {}; me.me = me; me")).toBe("{ me: [itself] }");
  expect(await value("undefined")).toBe("undefined");
  expect(await value("typeof Date.now()")).toBe('"number"');
});

test("what is wrong is said, and the next one is evaluated", async () => {
  await expect(value("calls.(")).rejects.toThrow(/SyntaxError: Unexpected token '\(' \(line 1, column 7\)/);
  await expect(value("nothing.here")).rejects.toThrow("ReferenceError: nothing is not defined");
  await expect(value("for (;;);")).rejects.toThrow("It ran longer than 2 s.");
  expect(await value("calls.length")).toBe("2");
  await expect(value("({ get x() { for (;;); } })")).rejects.toThrow("It ran longer than 2 s.");
  await expect(value("({ get x() { throw new Error('gone') } })")).rejects.toThrow("gone");
  await expect(value("throw { message: { toString() { for (;;); } } }")).rejects.toThrow();
  await expect(value("const all = []; for (;;) all.push(new Array(1e5).fill(1.5))")).rejects.toThrow();
  expect(await value("calls.length")).toBe("2");
});

test("it reaches neither the machine nor the screen, and what it shows has a bound", async () => {
  expect(await value("typeof process + typeof require + typeof fetch")).toBe('"undefinedundefinedundefined"');
  expect(await value("this.constructor.constructor('return typeof process')()")).toBe('"undefined"');
  expect((await value("new Array(1e6).fill('x'.repeat(10))")).length).toBeLessThan(300_000);
  expect(await value("new Array(1e6).fill('x'.repeat(10))")).toMatch(/… \d+ more/);
});

test("on the screen: a short value is said, a long one is a page, a mistake stays in the line", async () => {
  const { store } = storeWith(12, { evaluate: (code, names) => expressions.evaluate(code, names) });
  const text = () => plain(frame(store).join("\n"));
  store.run("= calls.filter(c => c.denied).length + ' of ' + calls.length");
  await expect.poll(text).toMatch(/= "\d+ of 12"/);
  store.run("=calls.map(({ tool, args, denied }) => ({ tool, args, denied }))");
  await expect.poll(text).toContain('tool: "');
  expect(text()).toContain("= calls.map");
  store.run("back");
  store.run("= counters[0].used / counters[0].limit < 2 && rules.length >= 0 && agents.length >= 0");
  await expect.poll(text).toContain("= true");
  store.run("= calls.len(");
  await expect.poll(text).toContain("SyntaxError");
});

test("tab knows the names and the fields", () => {
  const { store } = storeWith(3);
  const words = (text: string) => complete(store, "command", { text, at: text.length }).words;
  expect(words("= ")).toContain("counters");
  expect(words("= cal")).toEqual(["calls"]);
  expect(words("= calls.fil")).toEqual(["calls.filter("]);
  expect(words("= calls.filter(c=>c.den")).toEqual(["calls.filter(c=>c.denied"]);
});
