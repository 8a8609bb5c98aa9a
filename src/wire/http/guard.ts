import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Why a request may not pass, as an HTTP status and the words for it. */
export interface Rejection {
  readonly status: number;
  readonly message: string;
}

export interface GuardOptions {
  /** The address listened on. */
  readonly bind: string;
  readonly token: string | null;
}

const LOOPBACK_NAMES = new Set(["localhost", "127.0.0.1", "[::1]"]);

export function isLoopback(address: string): boolean {
  return address === "localhost" || address === "::1" || /^127(?:\.\d{1,3}){3}$/.test(address);
}

/**
 * Whether an HTTP request may reach the gateway at all: a web page must not, whatever name it made resolve to
 * this machine (MCP Streamable HTTP "Security": Host and Origin against DNS rebinding).
 */
export function guard(request: IncomingMessage, { bind, token }: GuardOptions): Rejection | null {
  const host = hostname(request.headers.host ?? "");
  const known = host !== null && (LOOPBACK_NAMES.has(host) || host === bind || host === `[${bind}]`);
  if (isLoopback(bind) && !known) {
    return {
      status: 403,
      message: `The Host ${JSON.stringify(request.headers.host ?? "")} is not this gateway's.`,
    };
  }
  const { origin } = request.headers;
  if (origin !== undefined && !localOrigin(origin, host)) {
    return { status: 403, message: `Requests from the Origin ${JSON.stringify(origin)} are not taken.` };
  }
  if (token !== null && !sameSecret(request.headers.authorization ?? "", `Bearer ${token}`)) {
    return { status: 401, message: "A bearer token is needed: the one that --token gave." };
  }
  return null;
}

/** An Origin is good if it is this machine's own, or that of the very host that was asked. */
function localOrigin(origin: string, host: string | null): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, hostname: from } = new URL(origin);
  return /^https?:$/.test(protocol) && (LOOPBACK_NAMES.has(from) || from === host);
}

/** Host without its port, lower case; null where it is not one. */
function hostname(host: string): string | null {
  return /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/.exec(host.toLowerCase())?.[1] ?? null;
}

function sameSecret(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
