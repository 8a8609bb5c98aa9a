/**
 * The commands a gateway takes on its control socket. In a signature, `[...]` may be left out; what is in
 * capitals is a value.
 */
export type GatewayCommand = {
  readonly name: string;
  readonly args: string;
  readonly help: string;
  /** Whom it is for: every gateway, or the one that has the call its first word names. */
  readonly to: "all" | "call";
};

export const gatewayCommands: readonly GatewayCommand[] = [
  { name: "approve", args: "ID", help: "lets a held call go on", to: "call" },
  {
    name: "deny",
    args: "ID [message]",
    help: "denies a held call; the message is for the model",
    to: "call",
  },
  { name: "edit", args: "ID JSON", help: "lets a held call go on with other arguments", to: "call" },
  { name: "call", args: "ID", help: "everything known of a call", to: "call" },
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
  { name: "unblock", args: "TOOL", help: "takes a block back", to: "all" },
];

export function signature({ name, args }: { name: string; args: string }): string {
  return args === "" ? name : `${name} ${args}`;
}
