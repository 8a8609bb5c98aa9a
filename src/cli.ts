import { Command, InvalidArgumentError, Option } from "commander";
import type { RawShowOptions } from "./commands/audit-show.ts";
import type { RawCheckOptions } from "./commands/check.ts";
import type { CtlOptions } from "./commands/ctl.ts";
import {
  gateOptions,
  LOG_LEVELS,
  type RawGateOptions,
  type RawServeOptions,
  serveOptions,
} from "./commands/options.ts";
import type { RawReplayOptions } from "./commands/replay.ts";
import type { RawTailOptions } from "./commands/tail.ts";
import type { RawTryOptions } from "./commands/try.ts";
import { UsageError } from "./commands/usage-error.ts";
import type { RawWatchOptions } from "./commands/watch.ts";
import { VERSION } from "./version.ts";

const program = new Command("callgate")
  .description(
    "A gate between an AI agent and its MCP servers: every tool call judged, counted, recorded and shown.",
  )
  .version(VERSION)
  .enablePositionalOptions()
  .showHelpAfterError("(callgate --help lists the commands)")
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : 2);
  });

/** A command that starts a gateway in front of the server after `--`. */
function gateCommand(name: string, summary: string): Command {
  const command = program
    .command(name)
    .summary(summary)
    .description(summary)
    .usage("-c policy.yaml [options] (-- server command... | --upstream URL | --servers FILE)")
    .argument("[command...]", "the command that starts the MCP server, after --")
    .option("-c, --config <path...>", "policy files, or folders of them; all must allow")
    .option("--plugin <file...>", "plugins that no policy names: no settings, asked about every call");
  return upstreamsOf(command)
    .option("--shadow", "decide, count and record everything, and block nothing")
    .addOption(
      new Option(
        "--state-fail-mode <mode>",
        "what becomes of calls that need counters which cannot be reached",
      )
        .choices(["closed", "open"])
        .default("closed"),
    )
    .option("--audit-keep <days>", "remove audit logs of days longer ago (default: they are kept)", positive)
    .addOption(new Option("--log-level <level>", "what goes to stderr").choices(LOG_LEVELS).default("warn"))
    .option("--max-message <bytes>", "longest message taken from either side (default: 64 MiB)", positive);
}

/** The options that name servers. */
function upstreamsOf(command: Command): Command {
  return command
    .option("--upstream <url>", "an MCP server at a Streamable HTTP URL, instead of a command")
    .option("--header <header...>", 'sent to --upstream with every request, as "Name: value"')
    .option("--servers <file>", "the servers of an mcpServers JSON file, each at /<name>/mcp")
    .option(
      "--name <name>",
      "the server's name in policies, records and on the screen (default: from its command)",
    );
}

gateCommand(
  "stdio",
  "relay between an agent on stdin/stdout and a server; what an agent's config starts",
).action(async (command: string[], raw: RawGateOptions) => {
  const { stdio } = await import("./commands/stdio.ts");
  await finish(async () => stdio(await gateOptions(raw, command)));
});

serving("serve", "listen for agents on Streamable HTTP, headless").action(
  async (command: string[], raw: RawServeOptions) => {
    const { serve } = await import("./commands/serve.ts");
    await finish(async () => serve(await serveOptions(raw, command)));
  },
);

serving("run", "listen for agents on Streamable HTTP, with the screen in front").action(
  async (command: string[], raw: RawServeOptions) => {
    const { run } = await import("./commands/run.ts");
    await finish(async () =>
      run(await serveOptions(raw, command), process.argv.slice(process.argv.indexOf("run") + 1)),
    );
  },
);

program
  .command("watch")
  .description("the screen, attached to every running gateway")
  .option("--load <file>", "show the calls of a file instead: one that the screen saved, or an audit log")
  .option("--print-keys", "print the table of keys instead")
  .action(async (raw: RawWatchOptions) => {
    const { watch } = await import("./commands/watch.ts");
    await finish(() => watch(raw));
  });

program
  .command("status")
  .description(
    "the running gateways: policy and its problems, totals, holds, counters near their limit, top denying rules, what an operator changed; exit 1 where there is none",
  )
  .option("--json", "everything, as JSON")
  .action(async ({ json = false }: { json?: boolean }) => {
    const { status } = await import("./commands/status.ts");
    await finish(() => status(json, print));
  });

program
  .command("tail")
  .description(
    "the last calls, from the gateways and the audit log, then those to come, a line each, for as long as a gateway runs; exit 1 where none does",
  )
  .argument("[filter...]", "as in the screen: tool:create_* verdict:deny 'arg.amount>500' (docs/screen.md)")
  .option("--json", "each call as a JSON object, as watch --load reads them")
  .option("-n, --lines <number>", "how many of the last calls to begin with", whole, 10)
  .option("--follow", "go on until a signal, also while no gateway runs")
  .option("--no-follow", "only the last calls")
  .action(async (filter: string[], raw: RawTailOptions) => {
    const { tail } = await import("./commands/tail.ts");
    await finish(() => tail(filter.join(" "), raw));
  });

program
  .command("ctl")
  .description(
    "a command to the running gateways: approve ID, deny ID, kill, block TOOL, try TOOL JSON, why ID, ...",
  )
  .usage("[options] [command...]")
  .option("--gateway <name>", "only the gateway with this id, process id or server")
  .option("--json", "each gateway's answer as a line of JSON")
  .argument("[command...]", "what the screen's command line takes, for gateways; alone, lists what there is")
  .passThroughOptions()
  .action(async (words: string[], options: CtlOptions) => {
    const { ctl } = await import("./commands/ctl.ts");
    await finish(() => ctl(words, options, print));
  });

upstreamsOf(
  program
    .command("check")
    .description("check policy files: every mistake as file:line:col message, exit 1")
    .usage("[options] <path...> [--against (-- server command... | --upstream URL | --servers FILE)]")
    .argument("<path...>", "policy files, or folders of them")
    .option("--against", "start or reach a server, and warn of tools and arguments that it does not have"),
).action(async (words: string[], raw: RawCheckOptions) => {
  const { check, checkOptions } = await import("./commands/check.ts");
  await finish(async () => {
    const { paths, against } = await checkOptions(raw, words, afterDashes());
    return check(paths, process.stdout, against);
  });
});

program
  .command("test")
  .description("run the tests: of policy files; exit 1 where one goes another way")
  .argument("<path...>", "policy files, or folders of them")
  .action(async (paths: string[]) => {
    const { test } = await import("./commands/test.ts");
    await finish(() => test(paths, process.stdout));
  });

program
  .command("try")
  .description("decide one call, on counters of its own, and show why: rule by rule, condition by condition")
  .argument("<tool>", "the tool's name")
  .argument("[arguments]", "its arguments, as JSON", "{}")
  .option("-c, --config <path...>", "policy files, or folders of them; all must allow")
  .option("--plugin <file...>", "plugins that no policy names")
  .option("--server <name>", "the server's name (default: the first that the policy is for)")
  .option("--agent <name>", "the agent's name", "agent")
  .option("--session <id>", "the session's id", "session")
  .option("--at <time>", "when it is called, such as 2026-03-02T14:00 (default: now)")
  .option("--annotations <json>", "what the server says of the tool, such as '{\"readOnlyHint\": true}'")
  .option("--counter <path=amount...>", "what is in a counter before: state.create_charge.daily_spend=900000")
  .option("--result <json>", "the server's result, to be judged as well")
  .addOption(
    new Option("--kind <kind>", "what <tool> names: a tool, a resource's URI or a prompt's name")
      .choices(["tool", "resource", "prompt"])
      .default("tool"),
  )
  .option("--json", "the decision as JSON")
  .action(async (tool: string, args: string, raw: RawTryOptions) => {
    const { tryCall } = await import("./commands/try.ts");
    const color = process.stdout.isTTY === true && !process.env.NO_COLOR;
    const out = { write: (text: string) => process.stdout.write(text), color };
    await finish(() => tryCall(tool, args, raw, out));
  });

program
  .command("replay")
  .description(
    "decide recorded calls again under other policies, on counters of its own: what flips, and why",
  )
  .argument("<path...>", "audit logs, or folders of them")
  .option("-c, --config <path...>", "policy files, or folders of them; all must allow")
  .option("--plugin <file...>", "plugins that no policy names")
  .option("--json", "the flips as JSON")
  .action(async (paths: string[], raw: RawReplayOptions) => {
    const { replay } = await import("./commands/replay.ts");
    await finish(() => replay(paths, raw, process.stdout));
  });

program
  .command("plugin")
  .description("write rules in TypeScript")
  .command("new")
  .description("write a plugin to start from, and a policy that uses it and tests it")
  .argument("<name>", "lower-case letters, digits and dashes")
  .option("--folder <folder>", "where to write them; made where it is not there", ".")
  .action(async (name: string, { folder }: { folder: string }) => {
    const { pluginNew } = await import("./commands/plugin-new.ts");
    await finish(() => pluginNew(name, folder, process.stdout));
  });

const audit = program.command("audit").description("the audit log: what was allowed and denied, and why");

audit
  .command("show")
  .description("the records, a line each; --json gives them as they are")
  .argument("[path...]", "logs, or folders of them (default: those in CALLGATE_HOME)")
  .option("--tool <glob>", "only calls of these tools")
  .option("--agent <glob>", "only calls of these agents")
  .addOption(
    new Option("--verdict <verdict>", "only calls with this verdict").choices(["allow", "deny", "ask"]),
  )
  .option("--since <time>", "only records since then: 2026-11-23, 2026-11-23T10:00Z, or 2h, 30m, 7d ago")
  .option("--follow", "go on with what is written from now on")
  .option("--json", "whole records")
  .action(async (paths: string[], raw: RawShowOptions) => {
    const { auditShow } = await import("./commands/audit-show.ts");
    await finish(() => auditShow(paths, raw, process.stdout));
  });

audit
  .command("verify")
  .description("check that no record was edited, cut, moved or added; exit 1 where one was")
  .argument("[path...]", "logs, or folders of them (default: those in CALLGATE_HOME)")
  .option("--key <file>", "public key that must have signed them (default: that of CALLGATE_HOME)")
  .action(async (paths: string[], { key }: { key?: string }) => {
    const { auditVerify } = await import("./commands/audit.ts");
    await finish(() => auditVerify(paths, key ?? null, (text) => process.stdout.write(text)));
  });

audit
  .command("key")
  .description("the public key that verifies the logs of CALLGATE_HOME, as PEM: keep it elsewhere")
  .action(async () => {
    const { auditKey } = await import("./commands/audit.ts");
    await finish(() => auditKey((text) => process.stdout.write(text)));
  });

program
  .command("demo")
  .description("a sample server behind the gate, and a scripted agent at work")
  .action(async () => {
    const { demo } = await import("./commands/demo.ts");
    await finish(demo);
  });

/** A command that starts a gateway on HTTP. */
function serving(name: string, summary: string): Command {
  return gateCommand(name, summary)
    .option("--bind <address>", "address to listen on; one that is not loopback needs --token", "127.0.0.1")
    .option("--port <number>", "port to listen on; 0 for any free one", port, 0)
    .option("--token <secret>", "what agents must show as Authorization: Bearer <secret>");
}

function print(text: string): void {
  process.stdout.write(text);
}

/** How many of the words of the command line stand after `--`. */
function afterDashes(): number {
  const at = process.argv.indexOf("--");
  return at < 0 ? 0 : process.argv.length - at - 1;
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError("expected a whole number");
  return value;
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError("expected 0 to 65535");
  return value;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError("expected a positive whole number");
  return value;
}

/**
 * Ends the process with the command's status, or with what went wrong: 2 for usage, 1 for all else. At once:
 * an agent that keeps its end of stdin open must not keep the process.
 */
async function finish(work: () => Promise<number>): Promise<never> {
  try {
    process.exit(await work());
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    process.stderr.write(`callgate: ${text}\n`);
    process.exit(error instanceof UsageError ? 2 : 1);
  }
}

await program.parseAsync();
