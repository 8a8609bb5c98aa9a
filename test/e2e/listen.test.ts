/** A `subscriptions/listen` names several resources: each of them is judged. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { connectGateway } from "../../src/control/client.ts";
import { snapshot } from "../../src/control/protocol.ts";
import { agentOver, counters } from "./agents.ts";
import { sandbox } from "./helpers.ts";

const POLICY = `version: "1"
resources:
  "db://counted/**": { rules: [{ name: pace, rate_limit: 5/day }] }
  "db://asked/**": { rules: [{ name: a person looks, action: ask }] }
  "db://closed/**": { rules: [{ name: closed, action: deny, on_deny: That is closed }] }
`;

it("goes on when all may, and counts for nothing when one may not", async () => {
  const box = sandbox();
  const agent = await agentOver("stdio", box, { policy: box.policy(POLICY) });
  const listen = (...uris: string[]) =>
    agent.ask("subscriptions/listen", JSON.stringify({ notifications: { resourceSubscriptions: uris } }));
  const sent = () => box.received().filter((line) => line.includes("subscriptions/listen"));
  const dir = join(box.home, "run");
  await expect.poll(() => readdirSync(dir)).toHaveLength(1);
  const person = await connectGateway(join(dir, readdirSync(dir)[0] ?? ""), {
    snapshot() {},
    events() {},
    closed() {},
  });
  const held = async () => snapshot.parse(await person.command("snapshot")).holds.map(({ id }) => id);

  expect(await listen("db://counted/1", "db://closed/1")).toContain("That is closed");
  expect(await listen("db://closed/1", "db://counted/1")).toContain("That is closed");
  expect(await listen("db://asked/1", "db://closed/1")).toContain("That is closed");
  expect(await held()).toEqual([]);
  expect(counters(box)).toEqual({ "resources db://counted/**.rate_limit": 0 });

  const answer = listen("db://asked/1", "db://counted/1", "db://asked/2");
  for (let asked = 0; asked < 2; asked++) {
    await expect.poll(held).toHaveLength(1);
    expect(sent()).toEqual([]);
    await expect(person.command(`edit ${(await held())[0]} {"uri": "db://x"}`)).rejects.toThrow(
      "no arguments",
    );
    await person.command(`approve ${(await held())[0]}`);
  }
  await answer; // of a server that knows no such method, which gives back what was counted
  expect(sent()).toHaveLength(1);
  await expect.poll(() => counters(box)).toEqual({ "resources db://counted/**.rate_limit": 0 });

  const many = Array.from({ length: 1_001 }, (_, i) => `db://${i}`);
  expect(await listen(...many)).toContain("at most 1000 URIs");
  person.close();
});
