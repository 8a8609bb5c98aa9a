import fc from "fast-check";
import { expect, test } from "vitest";
import { weightOf } from "../../src/plugins/weight.ts";
import { call, loaded, supervising } from "./helpers.ts";

test("what stands in text weighs nothing but its length", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const json = JSON.stringify(text);
      expect(weightOf(json)).toBe(2 * json.length);
      expect(weightOf(`[${json},${json}]`)).toBe(weightOf('["",""]') + 4 * (json.length - 2));
    }),
  );
});

test("arrays, objects, members and items weigh more than their text", () => {
  expect(weightOf('[{"a":1,"b":[]}]') - 2 * 16).toBe(3 * 48 + 2 * 64 + 16);
});

test("no call takes the host down by its size: what is too much for a plugin's memory it is not asked about", async () => {
  const { supervisor, logged } = supervising();
  const judge = await loaded(
    supervisor,
    `export default {
      name: "p",
      onCall(call, ctx) { return ctx.deny(String(Object.keys(call.args))) },
      onResult(call, result, ctx) { return ctx.block(String(result.content[0].data.length)) },
    };`,
    { timeout: "5s" },
  );
  const { hostPid } = supervisor;
  for (const unit of ["[]", "{}", "[[[[[[]]]]]]", "1"]) {
    const all: unknown = JSON.parse(`[${Array(Math.ceil(8e6 / unit.length)).fill(unit)}]`);
    const { verdict, message } = await judge.onCall(call("t", { all: all as [] }));
    expect(verdict).toBe("deny");
    expect(message).toContain("64 MB of memory are too few for it to be asked about so much");
  }
  // A picture is much, and easily read.
  const picture = { content: [{ type: "image", mimeType: "image/png", data: "A".repeat(8e6) }] };
  expect((await judge.onResult(call("t"), picture)).message).toBe("8000000");
  expect(supervisor.hostPid).toBe(hostPid);
  expect(logged).toEqual([]);
});
