import { readdirSync } from "node:fs";
import { join } from "node:path";
import { openHome } from "../state/home.ts";
import { startGatewayChild } from "./gateway-child.ts";
import { attachSignals } from "./headless.ts";
import { callLine } from "./lines.ts";
import type { ServeOptions } from "./options.ts";
import { serve } from "./serve.ts";

/**
 * A gateway on HTTP with the screen in front of it; without a terminal, one line a call on stderr.
 *
 * @param args the command line after `run`, handed on to the gateway
 */
export async function run(options: ServeOptions, args: readonly string[]): Promise<number> {
  if (process.stdout.isTTY) return showGateway(args, process.env);
  return serve(options, (call) => process.stderr.write(`${callLine(call)}\n`));
}

/**
 * Starts a gateway in a process of its own, where a slow screen cannot slow it, and shows it.
 *
 * @param meanwhile started when the gateway listens; what it returns is called when the person quits
 */
export async function showGateway(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  meanwhile: (url: string) => () => void = () => () => {},
  banner?: string,
): Promise<number> {
  const { openScreen } = await import("../screen/main.ts");
  const gateway = await startGatewayChild(args, env);
  const end = meanwhile(gateway.url);
  // The terminal's signals do not reach a gateway in a group of its own.
  attachSignals(() => {
    end();
    void gateway.stop().then(() => process.exit(1));
  });
  try {
    await openScreen({
      sockets: [socketOf(gateway.pid, env)],
      ends: true,
      ...(banner === undefined ? {} : { banner }),
    });
  } finally {
    end();
    await gateway.stop();
  }
  return 0;
}

/** The control socket of the gateway process `pid`; there since before the gateway said that it listens. */
function socketOf(pid: number, env: NodeJS.ProcessEnv): string {
  const { runDir } = openHome(env);
  const name = readdirSync(runDir).find((file) => file.startsWith(`${pid}-`));
  if (name === undefined) throw new Error(`the gateway ${pid} has no control socket in ${runDir}`);
  return join(runDir, name);
}
