import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { packagePath } from "../package-path.ts";
import { attachSignals } from "./headless.ts";
import { callLine, summary } from "./lines.ts";
import { gateOptions } from "./options.ts";
import { showGateway } from "./run.ts";
import { startServing } from "./serve.ts";

const POLICY = packagePath("policies/payments.yaml");
const SERVER = [process.execPath, packagePath("dist/examples/payments-server.js")];
const AGENT = packagePath("dist/examples/agent.js");
/** Pause between the agent's calls where nobody watches, in ms. */
const QUICK = "120";

/**
 * A real payments server behind the gate and a scripted agent that works at it, under policies/payments.yaml.
 * Counts from zero each time: its home is a folder of its own that goes when it ends.
 */
export async function demo(): Promise<number> {
  const home = mkdtempSync(join(tmpdir(), "callgate-demo-"));
  const env = { ...process.env, CALLGATE_HOME: home, PAYMENTS_DB: join(home, "payments.db") };
  try {
    return await (process.stdout.isTTY ? shown(env) : plain(env));
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function shown(env: NodeJS.ProcessEnv): Promise<number> {
  const args = ["-c", POLICY, "--name", "payments", "--", ...SERVER];
  const work = (url: string) => {
    const agent = startAgent(["--rounds", "0", url], env);
    return () => agent.kill();
  };
  return showGateway(
    args,
    env,
    work,
    `Edit ${relative(process.cwd(), POLICY)} and save: the next call obeys`,
  );
}

/** Without a terminal: one round of the agent, a line a call, and what came of it. */
async function plain(env: NodeJS.ProcessEnv): Promise<number> {
  Object.assign(process.env, { CALLGATE_HOME: env.CALLGATE_HOME, PAYMENTS_DB: env.PAYMENTS_DB });
  const options = await gateOptions({ config: [POLICY], name: "payments" }, SERVER);
  const { gateway, urls, close } = await startServing({
    ...options,
    bind: "127.0.0.1",
    port: 0,
    token: null,
  });
  gateway.history.onDone = (call) => process.stderr.write(`${callLine(call)}\n`);
  const url = urls[0] ?? "";
  process.stderr.write(`callgate listening on ${url}\n`);
  const agent = startAgent(["--rounds", "1", "--pace", QUICK, url], env);
  attachSignals(() => agent.kill());
  const status = await new Promise<number>((resolve) => agent.once("exit", (code) => resolve(code ?? 1)));
  await close("the demo is over");
  process.stderr.write(`${summary(gateway.history.totals, gateway.history.denials())}\n`);
  return status === 0 ? 0 : 1;
}

function startAgent(args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, [AGENT, ...args], { stdio: ["ignore", "ignore", "ignore"], env });
}
