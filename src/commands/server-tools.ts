import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import type { Call } from "../policy/types.ts";
import type { ListedTool } from "../policy/warnings/against.ts";
import { sanitize, sanitizeLines } from "../sanitize.ts";
import { VERSION } from "../version.ts";
import { whyNotStarted } from "../wire/child.ts";
import type { Json } from "../wire/json.ts";
import type { UpstreamOption } from "./options.ts";

/** A tool as its server lists it. */
export interface ServerTool extends ListedTool {
  readonly annotations: NonNullable<Call["annotations"]> | null;
}

/** How long a server may take to start and list its tools, in ms: `npx` may have to fetch it first. */
const PATIENCE = 60_000;
/** What is kept of what it prints, to tell why it failed. */
const STDERR = 2_000;

/**
 * Starts or reaches a server, lists its tools, and lets it go.
 *
 * @throws Error saying which server could not be asked, and why
 */
export async function listTools(upstream: UpstreamOption): Promise<ServerTool[]> {
  const client = new Client(
    { name: "callgate-check", version: VERSION },
    { versionNegotiation: { mode: "auto" } },
  );
  const { transport, printed } = transportTo(upstream);
  const signal = AbortSignal.timeout(PATIENCE);
  try {
    await client.connect(transport, { signal });
    const { tools } = await client.listTools(undefined, { signal });
    // What crossed the wire is JSON.
    return tools.map(({ name, inputSchema, annotations }) => ({
      name,
      inputSchema: inputSchema as Json,
      annotations: (annotations as ServerTool["annotations"]) ?? null,
    }));
  } catch (error) {
    const why = signal.aborted ? `no answer in ${PATIENCE / 1000} seconds` : wordsOf(error, upstream);
    const said = printed().trim();
    const also = said === "" ? [] : ["It printed:", ...sanitizeLines(said)];
    const { name, target } = upstream;
    throw new Error([`${name} (${target}) does not list its tools: ${sanitize(why)}`, ...also].join("\n"));
  } finally {
    if (transport instanceof StreamableHTTPClientTransport)
      await transport.terminateSession().catch(() => {});
    await client.close();
  }
}

function wordsOf(error: unknown, { child }: UpstreamOption): string {
  if (child !== null && isOfSystem(error)) return whyNotStarted(child.command, child.cwd, error);
  return error instanceof Error ? error.message : String(error);
}

const isOfSystem = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && "syscall" in error;

function transportTo({ child, remote }: UpstreamOption) {
  if (remote !== null) {
    const transport = new StreamableHTTPClientTransport(remote.url, {
      requestInit: { headers: { ...remote.headers } },
    });
    return { transport, printed: () => "" };
  }
  const { command, args, env, cwd } = child;
  const transport = new StdioClientTransport({
    command,
    args: [...args],
    env: { ...inherited(), ...env },
    stderr: "pipe",
    ...(cwd === undefined ? {} : { cwd }),
  });
  let text = "";
  transport.stderr?.on("data", (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-STDERR);
  });
  return { transport, printed: () => text };
}

function inherited(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
