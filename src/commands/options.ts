import { basename } from "node:path";
import type { ChildCommand } from "../wire/child.ts";
import { MAX_FRAME } from "../wire/framing.ts";

/** Something is wrong with the command line; the message says what was expected. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** An upstream MCP server as the command line names it. */
export interface UpstreamOption extends ChildCommand {
  readonly name: string;
  /** What a person reads: the command line. */
  readonly target: string;
}

export const LOG_LEVELS = ["silent", "error", "warn", "info"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What every command that starts a gateway takes. */
export interface GateOptions {
  readonly policies: readonly string[];
  readonly upstreams: readonly [UpstreamOption, ...UpstreamOption[]];
  readonly logLevel: LogLevel;
  /** Bytes. */
  readonly maxMessage: number;
}

/** What commands that listen on HTTP take as well. */
export interface ServeOptions extends GateOptions {
  readonly bind: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Bearer token agents must show; null for none. */
  readonly token: string | null;
}

/** The options as commander hands them over. */
export interface RawGateOptions {
  config?: string[];
  name?: string;
  logLevel?: LogLevel;
  maxMessage?: number;
}

/** @throws UsageError */
export function gateOptions(raw: RawGateOptions, command: readonly string[]): GateOptions {
  const [program, ...args] = command;
  if (program === undefined) {
    throw new UsageError("no server is named: put its command after --, as in -- npx -y some-mcp-server");
  }
  if (raw.config === undefined || raw.config.length === 0) {
    throw new UsageError("no policy is named: give a file or a folder with -c, as in -c policy.yaml");
  }
  const upstream: UpstreamOption = {
    name: raw.name ?? upstreamName(command),
    target: command.join(" "),
    command: program,
    args,
  };
  return {
    policies: raw.config,
    upstreams: [upstream],
    logLevel: raw.logLevel ?? "warn",
    maxMessage: raw.maxMessage ?? MAX_FRAME,
  };
}

export interface RawServeOptions extends RawGateOptions {
  bind: string;
  port: number;
  token?: string;
}

/** @throws UsageError */
export function serveOptions(raw: RawServeOptions, command: readonly string[]): ServeOptions {
  return { ...gateOptions(raw, command), bind: raw.bind, port: raw.port, token: raw.token ?? null };
}

const RUNNERS = new Set([
  "npx",
  "npm",
  "pnpm",
  "yarn",
  "bunx",
  "bun",
  "deno",
  "node",
  "uvx",
  "uv",
  "python",
  "python3",
  "docker",
  "env",
  "sh",
]);

/**
 * A server's name from the command that starts it: the package, module or file that a runner is told to run,
 * else the command itself. `npx -y @scope/server-memory@1 --x` is "server-memory".
 */
export function upstreamName(command: readonly string[]): string {
  const subject =
    command.find((word, i) => {
      if (i === 0) return !RUNNERS.has(bare(word));
      return (
        !word.startsWith("-") &&
        !RUNNERS.has(word) &&
        word !== "run" &&
        word !== "exec" &&
        !word.includes("=")
      );
    }) ??
    command[0] ??
    "upstream";
  return bare(subject) || "upstream";
}

function bare(word: string): string {
  return basename(word)
    .replace(/(?<=.)@[^@/]*$/, "")
    .replace(/\.(?:[cm]?[jt]s|py|exe|sh)$/, "");
}
