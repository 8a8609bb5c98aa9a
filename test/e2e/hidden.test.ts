import { describe, expect, it } from "vitest";
import { agentOver, counters, denied, WAYS } from "./agents.ts";
import { ALLOW_ALL, ECHO, sandbox } from "./helpers.ts";

const HIDING = `${ALLOW_ALL}hide: [delete_everything, "no*e"]
tools:
  "*":
    rules: [{ name: pace, rate_limit: 5/hour }]
`;

/** Text that JSON may respell without a loss: escapes, and numbers that a double holds. */
const respelt = (json: string) =>
  json.replaceAll("é", "\\u00e9").replaceAll("1.10", "1.1").replaceAll("1E2", "100").replaceAll("1.0", "1");

/** The text of one tool in the echo server's list. */
const entry = (list: string, name: string) =>
  new RegExp(`\\{"name":"${name}",.*?"_meta":\\{"vendor/odd":\\[null,1E2,\\{"":""\\}\\]\\}\\},?`).exec(
    list,
  )?.[0] ?? "";

describe.each(WAYS)("over %s", (way) => {
  it("hidden tools are gone from the list, and all else in it stays, digits and order too", async () => {
    const box = sandbox();
    const agent = await agentOver(way, box, { policy: box.policy(HIDING) });
    const direct = box.spawn(ECHO);
    await direct.initialize();
    await direct.request("tools/list");
    const before = direct.lines.at(-1) ?? "";
    const after = await agent.ask("tools/list");
    const result = (line: string) => respelt(line.slice(line.indexOf('"result":')));
    const expected = ["delete_everything", "noise"].reduce(
      (text, name) => text.replace(entry(text, name), ""),
      before,
    );
    expect(result(after)).toBe(result(expected));
    expect(after).toContain("98765432109876543210");
    expect(after).not.toMatch(/delete_everything|noise/);
  });

  it("hidden tools are denied when called all the same, without the server hearing of it", async () => {
    const box = sandbox();
    const agent = await agentOver(way, box, { policy: box.policy(HIDING) });
    for (const name of ["delete_everything", "noise", "Delete_Everything", "delete_everything "]) {
      expect(denied(await agent.call(name)), name).toBeDefined();
    }
    expect(denied(await agent.call("echo"))).toBeUndefined();
    expect(counters(box)).toEqual({ "_global.rate_limit": 1 });
    expect(box.received().join("\n")).not.toMatch(/delete_everything|noise/i);
  });
});
