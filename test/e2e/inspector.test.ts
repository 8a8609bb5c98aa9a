/** The Inspector's command line, which people try servers with, pointed at the gate instead. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { NODE, PAYMENTS, ROOT, type Sandbox, sandbox } from "./helpers.ts";

const INSPECTOR = [
  NODE,
  join(ROOT, "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"),
  "--cli",
];
const POLICY = join(ROOT, "policies/payments.yaml");
const ERAS = ["legacy", "auto", "modern"];

async function inspect(box: Sandbox, ...args: string[]): Promise<string> {
  const inspector = box.spawn([...INSPECTOR, ...args], { HOME: box.dir });
  await inspector.exited;
  return inspector.lines.join("\n") + inspector.stderr;
}

const CHARGE = ["--method", "tools/call", "--tool-name", "create_charge"];
const charge = (amount: number) => [
  ...CHARGE,
  ...["--tool-arg", `amount=${amount}`, "currency=usd", "customer=cus_ada"],
];

it.each(ERAS)("over stdio, from a client's configuration, era %s", async (era) => {
  const box = sandbox();
  const [command, ...args] = box.gate("stdio", { policy: POLICY, server: PAYMENTS });
  const { env } = box;
  const config = box.write("mcp.json", JSON.stringify({ mcpServers: { payments: { command, args, env } } }));
  const at = ["--config", config, "--server", "payments", "--protocol-era", era];
  const listed = await inspect(box, ...at, "--method", "tools/list");
  expect(listed).toContain('"create_charge"');
  expect(listed).not.toContain("delete_customer");
  expect(await inspect(box, ...at, ...charge(5_000))).toContain("ch_1");
  expect(await inspect(box, ...at, ...charge(60_000))).toContain("Single charge cannot exceed");
});

it.each(ERAS)("over HTTP, era %s", async (era) => {
  const box = sandbox();
  const { url } = await box.serve({ policy: POLICY, server: PAYMENTS });
  const at = ["--server-url", url.href, "--transport", "http", "--protocol-era", era];
  expect(await inspect(box, ...at, "--method", "tools/list")).toContain('"create_charge"');
  expect(await inspect(box, ...at, ...charge(5_000))).toContain("ch_1");
  expect(await inspect(box, ...at, ...charge(60_000))).toContain("Single charge cannot exceed");
});
