#!/usr/bin/env node
/** A scripted agent: a real MCP client that works shifts at a payments desk. */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Client, ProtocolError, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import * as z from "zod";
import { type Outcome, workRound } from "./shift.ts";

export interface AgentOptions {
  /** Where its MCP server is: a Streamable HTTP URL, or ... */
  url?: string | URL;
  /** ... a command to start one over stdio. */
  command?: readonly string[];
  /** Pause before each call, in ms. */
  pace?: number;
  /** How often the shift is worked; 0 = until `signal`. */
  rounds?: number;
  signal?: AbortSignal;
  log?: (line: string) => void;
}

export type AgentSummary = { calls: number; rounds: number } & Record<Outcome["kind"], number>;

export const PACE = 700;

const DENIED = "[CALLGATE POLICY DENIED]";

/** Works until its rounds are done or the signal comes, then says goodbye to the server. */
export async function runAgent(options: AgentOptions): Promise<AgentSummary> {
  const { pace = PACE, rounds = 1, signal, log = () => {} } = options;
  const summary: AgentSummary = { calls: 0, rounds: 0, done: 0, denied: 0, refused: 0, failed: 0 };
  const client = new Client({ name: "payments-agent", title: "Payments agent", version: "1.0.0" });
  const transport = connection(options);

  async function call(tool: string, args: Record<string, unknown>, haste = 1): Promise<Outcome> {
    await sleep(pace * haste, undefined, { signal });
    const outcome = await attempt(client, tool, args, signal);
    summary.calls++;
    summary[outcome.kind]++;
    log(`${tool} ${JSON.stringify(args)} -> ${outcome.kind}: ${outcome.text.slice(0, 160)}`);
    return outcome;
  }

  try {
    await client.connect(transport, { signal });
    const { tools } = await client.listTools(undefined, { signal });
    log(`tools: ${tools.map((tool) => tool.name).join(", ")}`);
    while (!signal?.aborted && (rounds === 0 || summary.rounds < rounds)) {
      await workRound(call, log, summary.rounds);
      summary.rounds++;
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    if (transport instanceof StreamableHTTPClientTransport)
      await transport.terminateSession().catch(() => {});
    await client.close();
  }
  return summary;
}

function connection({ url, command }: AgentOptions) {
  if (url !== undefined) return new StreamableHTTPClientTransport(new URL(url));
  const [program, ...args] = command ?? [];
  if (program === undefined) throw new TypeError("an agent needs a url or a command");
  // The transport's own default drops the environment, and with it where the ledger is.
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
  return new StdioClientTransport({ command: program, args, env, stderr: "inherit" });
}

/** One call, with everything that can come of it but a lost connection told as an outcome. */
async function attempt(
  client: Client,
  name: string,
  args: Record<string, unknown>,
  signal?: AbortSignal,
): Promise<Outcome> {
  try {
    const result = await client.callTool({ name, arguments: args }, { signal });
    const text = result.content.flatMap((item) => (item.type === "text" ? [item.text] : [])).join("\n");
    if (!result.isError) return { kind: "done", text };
    return { kind: text.startsWith(DENIED) ? "denied" : "refused", text };
  } catch (error) {
    if (error instanceof ProtocolError) return { kind: "failed", text: error.message };
    throw error;
  }
}

const USAGE = "usage: agent [--pace MS] [--rounds N, 0 = forever] [--verbose] URL | -- COMMAND...";

async function main(): Promise<void> {
  const { values, positionals, tokens } = parseArgs({
    options: {
      pace: { type: "string", default: String(PACE) },
      rounds: { type: "string", default: "1" },
      verbose: { type: "boolean", default: false },
    },
    allowPositionals: true,
    tokens: true,
  });
  const count = z.coerce.number().int().min(0);
  const isCommand = tokens.some((token) => token.kind === "option-terminator");
  if (positionals.length === 0 || (!isCommand && positionals.length > 1)) throw new Error(USAGE);
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
  await runAgent({
    ...(isCommand ? { command: positionals } : { url: positionals[0] }),
    pace: count.parse(values.pace),
    rounds: count.parse(values.rounds),
    signal: stop.signal,
    log: values.verbose ? (line) => console.log(line) : undefined,
  });
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    console.error(`agent: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
}
