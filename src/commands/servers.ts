import { readFileSync } from "node:fs";
import { z } from "zod";
import { MASK } from "../audit/mask.ts";
import { maskText } from "../audit/secrets.ts";
import type { GateOptions, UpstreamOption } from "./options.ts";
import { remoteUrl } from "./remote-url.ts";
import { UsageError } from "./usage-error.ts";

const texts = z.record(z.string(), z.string());
const local = z.looseObject({
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  env: texts.default({}),
  cwd: z.string().optional(),
});
const remote = z.looseObject({ url: z.string().min(1), headers: texts.default({}) });
/** The file in which MCP clients list their servers; keys of a client's own are left alone. */
const serversFile = z.looseObject({ mcpServers: z.record(z.string().min(1), z.union([local, remote])) });

/**
 * The servers an `mcpServers` file lists, with `${VAR}` and `${VAR:-default}` filled in from the environment.
 *
 * @param only the one server wanted, where it is just one
 * @throws UsageError saying what is wrong with which entry
 */
export function readServers(file: string, env: NodeJS.ProcessEnv, only?: string): GateOptions["upstreams"] {
  const { mcpServers } = parse(file);
  const all = Object.entries(mcpServers).map(([name, server]) => upstreamOf(file, name, server, env));
  const [first, ...rest] = only === undefined ? all : all.filter(({ name }) => name === only);
  if (first === undefined) {
    const names = all.map(({ name }) => name).join(", ");
    throw new UsageError(
      `${file} has no server${only === undefined ? "s" : ` named ${only}; it has ${names}`}`,
    );
  }
  return [first, ...rest];
}

function parse(file: string): z.infer<typeof serversFile> {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${file} cannot be read as a list of servers: ${reason}`);
  }
  const parsed = serversFile.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") || "the top";
  throw new UsageError(
    `${file}: at ${where}: expected {"mcpServers": {"name": {"command": ..., "args": [...]} or {"url": ...}}}`,
  );
}

function upstreamOf(
  file: string,
  name: string,
  server: z.infer<typeof local> | z.infer<typeof remote>,
  env: NodeJS.ProcessEnv,
): UpstreamOption {
  const fill = (text: string) => expand(text, env, `${file}: server ${name}`);
  const fillAll = (values: Record<string, string>) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, fill(value)]));
  const asLocal = local.safeParse(server);
  if (!asLocal.success) {
    const { url: text, headers } = remote.parse(server);
    const url = remoteUrl(fill(text));
    return {
      name,
      target: url.origin + url.pathname,
      child: null,
      remote: { url, headers: fillAll(headers) },
    };
  }
  const { command, args, env: own, cwd } = asLocal.data;
  const child = {
    command: fill(command),
    args: args.map(fill),
    env: fillAll(own),
    ...(cwd === undefined ? {} : { cwd: fill(cwd) }),
  };
  return { name, target: maskText([child.command, ...child.args].join(" "), MASK), child, remote: null };
}

/** @throws UsageError for a variable that is neither set nor given a default */
function expand(text: string, env: NodeJS.ProcessEnv, where: string): string {
  return text.replace(/\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g, (_all, name: string, fallback?: string) => {
    const value = env[name] ?? fallback;
    if (value === undefined)
      throw new UsageError(`${where} needs the environment variable ${name}, which is not set`);
    return value;
  });
}
