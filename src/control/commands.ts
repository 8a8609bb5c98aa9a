/**
 * The commands a gateway takes on its control socket. In a signature, `[...]` may be left out; what is in
 * capitals is a value.
 */
export type GatewayCommand = {
  readonly name: string;
  readonly args: string;
  readonly help: string;
  /**
   * Whom it is for: every gateway, the one that has the call its first word names, or one only, that of the server
   * it is about where there are several.
   */
  readonly to: "all" | "call" | "one";
};

const table = [
  { name: "approve", args: "ID|all", help: "lets a held call go on, or several: 4,5", to: "call" },
  {
    name: "deny",
    args: "ID|all [message]",
    help: "denies a held call, or several: 4,5; the message is for the model",
    to: "call",
  },
  { name: "edit", args: "ID JSON", help: "lets a held call go on with other arguments", to: "call" },
  { name: "why", args: "ID", help: "everything known of a call", to: "call" },
  { name: "snapshot", args: "", help: "everything the screen starts with", to: "all" },
  { name: "reload", args: "", help: "reads the policy files again", to: "all" },
  { name: "kill", args: "", help: "denies every call from now on, those held too, until unkill", to: "all" },
  { name: "unkill", args: "", help: "lets the policy decide again", to: "all" },
  {
    name: "block",
    args: "TOOL [for 10m]",
    help: "denies a tool until unblock, or for a while; * stands for any part of the name",
    to: "all",
  },
  { name: "unblock", args: "BLOCKED", help: "takes a block back", to: "all" },
  {
    name: "allow",
    args: "TOOL [for 10m]",
    help: "lets a tool through whatever rules say, still counted; never a hidden tool or a malformed call",
    to: "all",
  },
  { name: "unallow", args: "ALLOWED", help: "lets the policy decide on a tool again", to: "all" },
  {
    name: "hold",
    args: "FILTER",
    help: "holds calls like these for a person, until resume; what rules deny stays denied",
    to: "all",
  },
  { name: "resume", args: "[FILTER]", help: "stops holding: calls like these, or all", to: "all" },
  {
    name: "shadow",
    args: "on|off",
    help: "on: decides, counts and records, but enforces nothing that the policy says",
    to: "all",
  },
  {
    name: "reset",
    args: "COUNTER",
    help: "makes a counter stand at 0 in the window that is now",
    to: "one",
  },
  { name: "set", args: "COUNTER VALUE", help: "makes a counter stand at a value", to: "one" },
  {
    name: "call",
    args: "TOOL [JSON]",
    help: "really calls a tool, as the agent `operator` and through the policy",
    to: "one",
  },
  {
    name: "plugin",
    args: "list|disable|enable [PLUGIN]",
    help: "lists plugins; disable: it is not asked, until enable",
    to: "all",
  },
  {
    name: "write",
    args: "[FILE]",
    help: "what block, allow and hold changed, as rules of a policy file: shows the difference first",
    to: "one",
  },
  {
    name: "try",
    args: "TOOL [JSON]",
    help: "how a call would be decided now, rule by rule; nothing is counted, recorded or sent",
    to: "one",
  },
  {
    name: "try-edit",
    args: "ID JSON",
    help: "how a held call would be decided with other arguments",
    to: "call",
  },
  {
    name: "whatif",
    args: "FILE",
    help: "what a draft of the policy would have made of the last calls",
    to: "all",
  },
  {
    name: "replay",
    args: "[COUNT]",
    help: "what the policy files, as they are on disk, would have made of the last calls",
    to: "all",
  },
] as const satisfies readonly GatewayCommand[];

export type GatewayCommandName = (typeof table)[number]["name"];

export const gatewayCommands: readonly (GatewayCommand & { readonly name: GatewayCommandName })[] = table;

export function signature({ name, args }: { name: string; args: string }): string {
  return args === "" ? name : `${name} ${args}`;
}

/** A line as a command's name and what follows it. */
export function commandLine(line: string): { name: string; argument: string } {
  const [, name = "", argument = ""] = /^\s*(=|\S*)\s*([\s\S]*?)\s*$/.exec(line) ?? [];
  return { name, argument };
}

/** What of a command's signature a line does not have, or has too much; null where it fits. */
export function misfit(command: { name: string; args: string }, argument: string): string | null {
  const needed = command.args.replace(/\[[^\]]*\]/g, "").match(/\S+/g) ?? [];
  const given = argument === "" ? 0 : argument.split(/\s+/).length;
  if (given < needed.length) return `${needed[given]} is missing: ${signature(command)}`;
  if (command.args === "" && given > 0) return `${command.name} takes nothing after it`;
  return null;
}
