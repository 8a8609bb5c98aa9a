import fc from "fast-check";
import { expect, it } from "vitest";
import { callLine } from "../../src/commands/lines.ts";
import { savedLine } from "../../src/control/past/load.ts";
import type { CallView } from "../../src/control/protocol.ts";

const BREAKS = /[\n\r\v\f\u0085\u2028\u2029]/;

it("a call is one line for people and one for programs, whatever is in it", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("\r\n", "\u2028x", "\x1b[2J", "a\u0085b", "\u202e"),
  );
  const rule = fc.record({ name: text, tool: text, file: text, line: fc.nat() });
  const call = fc.record<CallView>({
    id: text,
    time: fc.integer({ min: 0, max: 8.64e15 }),
    agent: text,
    session: text,
    upstream: text,
    tool: text,
    classes: fc.array(text),
    arguments: text,
    verdict: fc.constantFrom("allow", "deny", "ask"),
    rule: fc.option(rule),
    message: text,
    would: fc.constant(null),
    outcome: fc.constantFrom("ok", "denied", "lost", null),
    ms: fc.option(fc.nat()),
  });
  fc.assert(
    fc.property(call, text, (each, gateway) => {
      const line = callLine(each);
      expect(line).not.toMatch(BREAKS);
      expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
      const saved = savedLine({ gateway, call: each });
      expect(saved.slice(0, -1)).not.toMatch(BREAKS);
      expect(JSON.parse(saved)).toEqual({ gateway, ...each });
    }),
  );
});
