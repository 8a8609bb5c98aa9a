/** A policy that is for other servers. */
import { expect, it } from "vitest";
import { agentOver } from "./agents.ts";
import { sandbox } from "./helpers.ts";

it("a server that no policy is for is named on stderr", async () => {
  const box = sandbox();
  const policy = box.policy('version: "1"\nservers: [payments]\ndefault: deny\n');
  const agent = await agentOver("stdio", box, { policy, args: ["--name", "mcp"] });
  expect((await agent.call("echo")).result).toBeDefined();
  expect(await agent.gateway.logged(/no policy is for/)).toContain('no policy is for the server "mcp"');
  const other = await agentOver("stdio", box, { policy, args: ["--name", "payments"] });
  await other.call("echo");
  expect(other.gateway.stderr).not.toContain("no policy is for");
});
