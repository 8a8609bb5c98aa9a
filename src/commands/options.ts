import { MASK } from "../audit/mask.ts";
import { maskText } from "../audit/secrets.ts";
import type { ChildCommand } from "../wire/child.ts";
import { MAX_FRAME } from "../wire/framing.ts";
import { remoteUrl } from "./remote-url.ts";
import { upstreamName } from "./upstream-name.ts";
import { UsageError } from "./usage-error.ts";

/** An upstream MCP server as the command line names it. */
export type UpstreamOption = {
  readonly name: string;
  /** What a person reads: the command line or the URL. */
  readonly target: string;
} & (
  | { readonly child: ChildCommand; readonly remote: null }
  | { readonly child: null; readonly remote: RemoteServer }
);

/** A server at a Streamable HTTP URL. */
export interface RemoteServer {
  readonly url: URL;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
}

export const LOG_LEVELS = ["silent", "error", "warn", "info"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What every command that starts a gateway takes. */
export interface GateOptions {
  readonly policies: readonly string[];
  /** Plugins that no policy names. */
  readonly plugins: readonly string[];
  readonly upstreams: readonly [UpstreamOption, ...UpstreamOption[]];
  readonly logLevel: LogLevel;
  /** Bytes. */
  readonly maxMessage: number;
  /** Whether everything is decided, counted and recorded, and nothing blocked. */
  readonly shadow: boolean;
  /** What becomes of calls that need counters which cannot be reached. */
  readonly stateFailMode: "closed" | "open";
  /** Days that audit logs are kept; null for ever. */
  readonly auditKeep: number | null;
}

/** What commands that listen on HTTP take as well. */
export interface ServeOptions extends GateOptions {
  readonly bind: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Bearer token agents must show; null for none. */
  readonly token: string | null;
}

/** The options that name servers, as commander hands them over. */
export interface RawUpstreamOptions {
  name?: string;
  upstream?: string;
  header?: string[];
  servers?: string;
}

/** The options as commander hands them over. */
export interface RawGateOptions extends RawUpstreamOptions {
  config?: string[];
  plugin?: string[];
  shadow?: boolean;
  stateFailMode?: "closed" | "open";
  auditKeep?: number;
  logLevel?: LogLevel;
  maxMessage?: number;
}

/**
 * @param command what stands after `--`
 * @throws UsageError
 */
export async function gateOptions(raw: RawGateOptions, command: readonly string[]): Promise<GateOptions> {
  if (raw.config === undefined || raw.config.length === 0) {
    throw new UsageError("no policy is named: give a file or a folder with -c, as in -c policy.yaml");
  }
  return {
    policies: raw.config,
    plugins: raw.plugin ?? [],
    upstreams: await upstreamOptions(raw, command),
    shadow: raw.shadow ?? false,
    stateFailMode: raw.stateFailMode ?? "closed",
    auditKeep: raw.auditKeep ?? null,
    logLevel: raw.logLevel ?? "warn",
    maxMessage: raw.maxMessage ?? MAX_FRAME,
  };
}

/**
 * @param command what stands after `--`
 * @throws UsageError
 */
export async function upstreamOptions(
  raw: RawUpstreamOptions,
  command: readonly string[],
): Promise<GateOptions["upstreams"]> {
  const ways = [command.length > 0, raw.upstream !== undefined, raw.servers !== undefined];
  if (ways.filter(Boolean).length > 1) {
    throw new UsageError("name the server one way: a command after --, or --upstream URL, or --servers FILE");
  }
  if (raw.header !== undefined && raw.upstream === undefined) {
    throw new UsageError("--header goes with --upstream: a command after -- has no HTTP headers");
  }
  if (raw.servers !== undefined) {
    const { readServers } = await import("./servers.ts");
    return readServers(raw.servers, process.env, raw.name);
  }
  if (raw.upstream !== undefined) {
    const remote = { url: remoteUrl(raw.upstream), headers: headersOf(raw.header ?? []) };
    return [
      {
        name: raw.name ?? remote.url.host,
        target: remote.url.origin + remote.url.pathname,
        child: null,
        remote,
      },
    ];
  }
  const [program, ...args] = command;
  if (program === undefined) {
    throw new UsageError("no server is named: put its command after --, as in -- npx -y some-mcp-server");
  }
  const name = raw.name ?? upstreamName(command);
  return [
    { name, target: maskText(command.join(" "), MASK), child: { command: program, args }, remote: null },
  ];
}

function headersOf(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const parts = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*)$/.exec(text);
      if (parts?.[1] === undefined)
        throw new UsageError(`${JSON.stringify(text)} is not a header: give "Name: value"`);
      return [parts[1].toLowerCase(), parts[2] ?? ""];
    }),
  );
}

export interface RawServeOptions extends RawGateOptions {
  bind: string;
  port: number;
  token?: string;
}

/** @throws UsageError */
export async function serveOptions(raw: RawServeOptions, command: readonly string[]): Promise<ServeOptions> {
  return { ...(await gateOptions(raw, command)), bind: raw.bind, port: raw.port, token: raw.token ?? null };
}
