import { expect, it } from "vitest";
import { type AgentSummary, runAgent } from "../../examples/agent.ts";
import { AGENT, PAYMENTS, sandbox } from "./helpers.ts";

const fast = ["--pace", "0"];

it("works its rounds at a real server and ends", async () => {
  const peer = sandbox().spawn([...AGENT, ...fast, "--rounds", "2", "--verbose", "--", ...PAYMENTS]);
  expect(await peer.exited).toEqual({ code: 0, signal: null });
  expect(peer.lines[0]).toMatch(/^tools: .*delete_customer/);
  expect(peer.lines.filter((line) => line.startsWith("get_balance"))).toHaveLength(2);
  expect(peer.stderr).toBe("");
});

it("is silent unless asked", async () => {
  const peer = sandbox().spawn([...AGENT, ...fast, "--", ...PAYMENTS]);
  expect((await peer.exited).code).toBe(0);
  expect(peer.lines).toEqual([]);
});

it("stops between two calls at a signal, with nothing left running", async () => {
  const box = sandbox();
  const peer = box.spawn([...AGENT, "--pace", "20", "--rounds", "0", "--verbose", "--", ...PAYMENTS]);
  await peer.until(() => peer.lines[3], "call");
  expect(await peer.kill("SIGINT")).toEqual({ code: 0, signal: null });
  expect(box.processes()).toEqual([]);
});

it("says where nobody answers", async () => {
  const peer = sandbox().spawn([...AGENT, ...fast, "http://127.0.0.1:9/mcp"]);
  expect((await peer.exited).code).toBe(1);
  expect(peer.stderr).toMatch(/^agent: .+\n$/);
});

it("counts what came of its calls", async () => {
  const box = sandbox();
  const lines: string[] = [];
  process.env.PAYMENTS_DB = box.env.PAYMENTS_DB;
  const summary: AgentSummary = await runAgent({
    command: PAYMENTS,
    pace: 0,
    log: (line) => lines.push(line),
  });
  expect(summary).toMatchObject({ rounds: 1, denied: 0, refused: 1, failed: 1 });
  expect(summary.calls).toBe(summary.done + summary.denied + summary.refused + summary.failed);
  expect(lines.join("\n")).toContain('No processor for "chf"');
});
