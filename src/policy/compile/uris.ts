import { readings } from "../conditions/within.ts";

/**
 * What servers may make of a resource's URI: as it stands, and normalised (scheme and host in lower case, `..` and
 * doubled slashes resolved) in each reading of its percent-encoding. A text says why there is no telling.
 */
export function uriForms(uri: string): string[] | string {
  if (/[\0-\x20\x7f\\]/.test(uri)) return "it has spaces, backslashes or control characters in it";
  const all = readings(uri);
  if (typeof all === "string") return all;
  return [...new Set([uri, ...all.map(normalised)])];
}

function normalised(uri: string): string {
  const [all, scheme = "", authority, path = "", rest = ""] =
    /^([a-z][a-z\d+.-]*):(?:\/\/([^/?#]*))?([^?#]*)(.*)$/is.exec(uri) ?? [];
  if (all === undefined) return uri;
  const name = scheme.toLowerCase();
  // `file:/etc` and `file://localhost/etc` are `file:///etc`.
  const host = name === "file" ? (authority ?? "").replace(/^localhost$/i, "") : authority;
  const before = host === undefined ? "" : `//${host.toLowerCase()}`;
  return `${name}:${before}${resolved(path)}${rest}`;
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
