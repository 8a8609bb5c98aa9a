import type { IncomingHttpHeaders } from "node:http";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { decodeHeader, encodeHeader } from "./headers.ts";

/** An argument that a header of its own mirrors (MCP 2026-07-28 transports "Custom Headers"). */
export interface Mirror {
  /** Where it is in the arguments. */
  readonly path: readonly string[];
  /** Lower case. */
  readonly header: string;
}

/** The mirrored arguments of a tool, by its `inputSchema`; those that `properties` lead to, as MCP has it. */
export function mirrorsOf(schema: Json | undefined, path: readonly string[] = []): Mirror[] {
  if (!isObject(schema) || !isObject(schema.properties)) return [];
  return Object.entries(schema.properties).flatMap(([key, property]) => {
    const at = [...path, key];
    const name = isObject(property) ? property["x-mcp-header"] : undefined;
    const own = typeof name === "string" ? [{ path: at, header: `mcp-param-${name.toLowerCase()}` }] : [];
    return [...own, ...mirrorsOf(property, at)];
  });
}

/** The headers that a call with these arguments carries. */
export function mirrorHeaders(mirrors: readonly Mirror[], args: JsonObject): Record<string, string> {
  return Object.fromEntries(
    mirrors.flatMap(({ path, header }) => {
      const value = textAt(path, args);
      return value === null ? [] : [[header, encodeHeader(value)]];
    }),
  );
}

/** What is wrong with a call's mirroring headers, in words; null where they agree with its arguments. */
export function mirrorMismatch(
  headers: IncomingHttpHeaders,
  mirrors: readonly Mirror[],
  args: JsonObject,
): string | null {
  for (const { path, header } of mirrors) {
    const given = headers[header];
    const expected = textAt(path, args);
    if (given === undefined && expected === null) continue;
    const said = typeof given === "string" ? decodeHeader(given) : null;
    if (said !== null && expected !== null && same(said, expected)) continue;
    return `the header ${header} says ${JSON.stringify(given ?? null)} and the argument ${path.join(".")} ${JSON.stringify(expected)}`;
  }
  return null;
}

/** A primitive argument as text; null where there is none. */
function textAt(path: readonly string[], args: JsonObject): string | null {
  let value: Json | undefined = args;
  for (const key of path) {
    value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  const primitive = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return primitive ? String(value) : null;
}

/** Integers are compared as numbers: `42.0` is 42. */
function same(a: string, b: string): boolean {
  const number = /^-?\d+(?:\.0+)?$/;
  return a === b || (number.test(a) && number.test(b) && Number(a) === Number(b));
}
