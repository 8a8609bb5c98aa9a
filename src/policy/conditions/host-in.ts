import type { Json } from "../../wire/json.ts";
import { Complaint } from "../complaint.ts";
import { show, showList } from "../show.ts";
import type { Held, Operator } from "./operators.ts";

/**
 * `host_in`: whether a URL's host is one of a list: exact, or `*.domain` for what is below a domain, with a port
 * where only that port is meant. URL parsers differ; a URL that two of them could read with different hosts errs.
 */
export const hostIn: Operator = {
  compile(value) {
    const entries = (Array.isArray(value) ? value : [value]).map(entry);
    if (entries.length === 0) throw new Complaint("host_in takes hosts, not an empty list", HELP);
    return (actual) => judge(actual, entries);
  },
  must: (value) =>
    `must have a host that is ${Array.isArray(value) ? `one of ${showList(value)}` : show(value)}`,
};

interface Entry {
  readonly host: string;
  /** Whether it is what is below the host that counts. */
  readonly below: boolean;
  /** "" for any. */
  readonly port: string;
}

interface Host {
  readonly host: string;
  readonly port: string;
}

const HELP = 'write hosts, such as value: [api.example.com, "*.example.org", "localhost:8080"]';

function entry(value: unknown): Entry {
  const text = typeof value === "string" ? value : "";
  const below = text.startsWith("*.");
  const [, name = "", port = ""] = /^(.+?)(?::(\d{1,5}))?$/.exec(below ? text.slice(2) : text) ?? [];
  const read = /[/?#]/.test(name) ? new Unsure("it is no host") : readHost(`http://${name}/`);
  if (read instanceof Unsure || (below && /^[\d.]+$|^\[/.test(read.host))) {
    throw new Complaint(`host_in cannot read the host ${show(value)}`, HELP);
  }
  return { host: read.host, below, port };
}

function judge(actual: Json, entries: readonly Entry[]): Held {
  if (typeof actual !== "string") return "host_in reads text";
  const read = readHost(actual);
  if (read instanceof Unsure) return read.why;
  return entries.some(
    ({ host, below, port }) =>
      (below ? read.host.endsWith(`.${host}`) : read.host === host) && (port === "" || port === read.port),
  );
}

/** A URL without a host that all parsers agree on. */
class Unsure {
  readonly why: string;
  constructor(why: string) {
    this.why = why;
  }
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

/** IPv6 addresses that stand for IPv4 ones: mapped, compatible, NAT64, 6to4 (RFC 4291, 6052, 3056). */
const DISGUISED = /^\[(?:::ffff:|::[\da-f]{1,4}:[\da-f]{1,4}\]$|64:ff9b:|2002:)/;

function readHost(text: string): Host | Unsure {
  // What browsers drop, split at or rewrite, and other parsers do not.
  if (/[\s\p{Cc}\p{Cf}\\]/u.test(text))
    return new Unsure("parsers read its spaces, controls or backslashes differently");
  const [, authority] = /^https?:\/\/([^/?#]+)/i.exec(text) ?? [];
  if (authority === undefined) return new Unsure("only http and https URLs have a host to judge");
  const untilPath = /^[^/]*/.exec(text.slice(text.indexOf("//") + 2))?.[0] ?? "";
  if (untilPath.includes("@")) return new Unsure("what stands before an @ hides the host");
  const [, name = "", port] = /^(\[[\da-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/i.exec(authority) ?? [];
  if (name === "" || /[^\w.\-[\]:\u0080-\uffff]/.test(name))
    return new Unsure("its host has strange characters in it");
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return new Unsure("it is not a valid URL");
  }
  const host = url.hostname.replace(/\.$/, "");
  if (host === "" || host.startsWith(".") || host.includes(".."))
    return new Unsure("its host has empty parts");
  const plain = name.toLowerCase().replace(/\.$/, "");
  if (/^[\d.]+$/.test(host) && host !== plain) return new Unsure("its address is written in an unusual way");
  if (DISGUISED.test(host)) return new Unsure("its address is an IPv4 address in disguise");
  return { host, port: port === undefined ? (DEFAULT_PORTS[url.protocol] ?? "") : String(Number(port)) };
}
