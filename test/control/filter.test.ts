import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matcher } from "../../src/control/filter/match.ts";
import { type Filter, parseFilter } from "../../src/control/filter/parse.ts";
import type { CallView } from "../../src/control/protocol.ts";
import { FakeGateway } from "../screen/fake-gateway.ts";

const gateway = new FakeGateway();
const call = (over: Partial<CallView> = {}) => gateway.call({ agent: "claude", verdict: "allow", ...over });
const matches = (text: string, one: CallView, now = Date.now()): boolean => {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new Error(parsed.mistake.message);
  return parsed.filter === null || matcher(parsed.filter)(one, now);
};

describe("a filter", () => {
  const payment = call({
    tool: "create_charge",
    arguments: '{"amount":750.5,"items":[{"id":"a"},{"id":"b"}],"note":"two chairs"}',
    ms: 120,
  });
  const would = {
    verdict: "deny",
    rule: { name: "pace", tool: "*", file: "p", line: 1 },
    message: "",
  } as const;

  it.each([
    ["", true],
    ["chairs", true],
    ["CHAIRS CLAUDE", true],
    ["chairs and tables", false],
    ["chairs or tables", true],
    ["tool:charge", true],
    ["tool=charge", false],
    ["tool:create_*", true],
    ["tool:*charge", true],
    ["tool:charge*", false],
    ["!tool:create_*", false],
    ["not (tool:list or tool:get)", true],
    ["arg.amount>500", true],
    ["arg.amount<=500", false],
    ["arg.amount=750.50", true],
    ["arg.items[1].id=b", true],
    ["arg.nothing=1 or !arg.nothing=1", true],
    ['arg.note:"two ch"', true],
    ["ms>100 ms<200", true],
    ["verdict:allow server=payments agent:cla", true],
    ["class:write !class:read", true],
    ["class!=write", false],
    ["verdict:would", false],
    ['"verdict:allow"', false],
  ])("%s: %s", (text, expected) => expect(matches(text, payment)).toBe(expected));

  it("knows shadow verdicts, their rules, and the time", () => {
    expect(matches("verdict:would rule=pace", call({ would }))).toBe(true);
    expect(matches("since:5m", call({ time: 1_000 }), 301_000)).toBe(true);
    expect(matches("since:5m", call({ time: 1_000 }), 301_001)).toBe(false);
  });

  it("finds what is whole in arguments that were cut", () => {
    const cut = call({ arguments: '{"amount":600,"list":[1,{"a":"x, y"}],"text":"abc…' });
    expect(matches("arg.amount>500 arg.list[1].a:x", cut)).toBe(true);
    expect(matches("arg.text:a", cut)).toBe(false);
  });

  it.each([
    ["tol:x", 0, 3, "did you mean tool?"],
    ["a (b", 2, 3, "not closed"],
    ["a) b", 1, 2, "closes nothing"],
    ["ms>fast", 0, 7, "a number"],
    ["x verdict:maybe", 2, 15, "one of allow, deny"],
    ["class:harmless", 0, 14, "one of read, write"],
    ["since:soon", 0, 10, "since:5m"],
    ["tool>5", 0, 6, "tool takes : = !="],
    ["arg>5", 0, 3, "which one?"],
    ['a "b', 2, 4, "not closed"],
    ["a or", 2, 4, "missing after this"],
    ["tool:", 0, 5, "needs a value"],
  ])("%s is a mistake at %i to %i: %s", (text, start, end, words) => {
    expect(parseFilter(text)).toMatchObject({
      ok: false,
      mistake: { start, end, message: expect.stringContaining(words) },
    });
  });
});

const value = fc.oneof(fc.stringMatching(/^[a-z_*]{1,8}$/), fc.string({ minLength: 1, maxLength: 12 }));
const leaf: fc.Arbitrary<Filter> = fc.oneof(
  value.map((text) => ({ kind: "text" as const, text })),
  fc.record({
    kind: fc.constant("field" as const),
    field: fc.constantFrom("tool", "agent", "server", "rule", "session"),
    path: fc.constant(""),
    operator: fc.constantFrom(":" as const, "=" as const, "!=" as const),
    value,
  }),
  fc.record({
    kind: fc.constant("field" as const),
    field: fc.constant("arg"),
    path: fc.constantFrom(".amount", ".a.b[0]"),
    operator: fc.constantFrom(">" as const, "<=" as const),
    value: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  }),
);
const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc.record({
      kind: fc.constantFrom("and" as const, "or" as const),
      left: tie("filter"),
      right: tie("filter"),
    }),
    fc.record({ kind: fc.constant("not" as const), of: tie("filter") }),
  ),
}));

const quote = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`;
function print(one: Filter): string {
  switch (one.kind) {
    case "text":
      return quote(one.text);
    case "field":
      return `${one.field}${one.path}${one.operator}${quote(one.value)}`;
    case "not":
      return `!(${print(one.of)})`;
    default:
      return `(${print(one.left)}) ${one.kind} (${print(one.right)})`;
  }
}

describe("any filter", () => {
  it("that is written down is read back the same", () => {
    fc.assert(
      fc.property(filter, (one) => {
        expect(parseFilter(print(one))).toEqual({ ok: true, filter: one });
      }),
    );
  });

  it("binds and before or, and takes words side by side for and", () => {
    fc.assert(
      fc.property(leaf, leaf, leaf, (a, b, c) => {
        const [x, y, z] = [print(a), print(b), print(c)];
        expect(parseFilter(`${x} or ${y} ${z}`)).toEqual(parseFilter(`${x} or (${y} and ${z})`));
        expect(parseFilter(`${x} || ${y} && ${z}`)).toEqual(parseFilter(`${x} or ${y} and ${z}`));
      }),
    );
  });

  it("and any other text is read or refused, with the mistake inside it", () => {
    const pieces = fc.constantFrom(
      "tool",
      ":",
      ">",
      "arg.",
      "(",
      ")",
      "!",
      '"',
      "or",
      "and",
      " ",
      "x",
      "\\",
      "é",
      "5",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces).map((all) => all.join("")),
        ),
        (text) => {
          const parsed = parseFilter(text);
          if (parsed.ok) return;
          const { start, end, message } = parsed.mistake;
          expect(message).not.toBe("");
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThanOrEqual(start);
          expect(end).toBeLessThanOrEqual(text.length);
        },
      ),
      { numRuns: 2_000 },
    );
    expect(parseFilter("(".repeat(5_000)).ok).toBe(false);
    expect(parseFilter("!".repeat(5_000)).ok).toBe(false);
  });
});
