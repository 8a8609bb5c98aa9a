import { readings } from "../conditions/within.ts";

/**
 * What servers may make of a resource's URI: as it stands, and normalised (scheme and host in lower case, `..` and
 * doubled slashes resolved) in each reading of its percent-encoding. A text says why there is no telling.
 */
export function uriForms(uri: string): string[] | string {
  if (/[\0-\x20\x7f\\]/.test(uri)) return "it has spaces, backslashes or control characters in it";
  const all = readings(uri);
  if (typeof all === "string") return all;
  return [...new Set([uri, ...all.flatMap(normalised)])];
}

/** One of these as servers read it that make no use of its fragment and user; nor, of a file, of host and query. */
export function withoutExtras(form: string): string {
  const parts = split(form);
  if (parts === null) return form;
  const { scheme, host, path, rest } = parts;
  if (scheme === "file") return `file://${path}`;
  return `${scheme}:${host === null ? "" : `//${host}`}${path}${rest.replace(/#.*$/s, "")}`;
}

/** Also with what looks like a query or fragment taken for a part of the path, as by servers that only cut it off the scheme. */
function normalised(uri: string): string[] {
  const parts = split(uri);
  if (parts === null) return [uri];
  const { scheme, user, host, path, rest } = parts;
  const before = `${scheme}:${host === null ? "" : `//${user}${host}`}`;
  // Where a host may be a glob, nothing after it is to look like a part of it.
  const root = path === "" && rest !== "" && WEB.test(scheme) ? "/" : "";
  return [`${before}${resolved(path)}${root}${rest}`, `${before}${resolved(path + root + rest)}`];
}

interface Parts {
  /** In lower case, as is the host. */
  readonly scheme: string;
  /** With its `@`. */
  readonly user: string;
  /** Null where the URI has no place for one. */
  readonly host: string | null;
  readonly path: string;
  /** Query and fragment. */
  readonly rest: string;
}

/** Schemes whose host is a host however many slashes stand before it (WHATWG URL). */
const WEB = /^(?:https?|wss?|ftp)$/;

function split(uri: string): Parts | null {
  const [all, name = "", slashes = "", after = "", rest = ""] =
    /^([a-z][a-z\d+.-]*):(\/*)([^?#]*)(.*)$/is.exec(uri) ?? [];
  if (all === undefined) return null;
  const scheme = name.toLowerCase();
  // `file:/etc`, `file:etc` and `file://localhost/etc` are `file:///etc`.
  if (scheme === "file" && slashes.length !== 2)
    return { scheme, user: "", host: "", path: `/${after}`, rest };
  if (slashes.length < 2 && !WEB.test(scheme))
    return { scheme, user: "", host: null, path: slashes + after, rest };
  if (slashes.length > 2 && !WEB.test(scheme))
    return { scheme, user: "", host: "", path: `${slashes.slice(2)}${after}`, rest };
  const [, user = "", authority = "", path = ""] = /^([^/]*@)?([^/]*)(.*)$/s.exec(after) ?? [];
  return { scheme, user, host: hostOf(scheme, authority), path, rest };
}

/** Without a port that says nothing, or the dot of the root. */
function hostOf(scheme: string, authority: string): string {
  if (scheme === "file") return authority.replace(/^localhost$/i, "");
  const url = `${scheme}://${authority}/`;
  const host = URL.canParse(url) ? new URL(url).host : authority;
  return host.toLowerCase().replace(/\.(?=:|$)/, "");
}

function resolved(path: string): string {
  if (!path.startsWith("/")) return path;
  const at: string[] = [];
  const parts = path.split("/").slice(1);
  for (const part of parts) {
    if (part === "..") at.pop();
    else if (part !== "." && part !== "") at.push(part);
  }
  const end = /\/\.{0,2}$/.test(path) && at.length > 0 ? "/" : "";
  return `/${at.join("/")}${end}`;
}
