/**
 * The one table of keys. Each is bound to a command, the same text that could be typed; the footer, the help and
 * the docs are this table.
 */
import { BODY_PANES, type PaneName } from "./layout.ts";

export type View = "panes" | "detail" | "help";

export type Binding = {
  readonly keys: readonly string[];
  readonly command: string;
  /** A word for the footer, where keys of one label stand together; without it, the help only. */
  readonly label?: string;
  /** Left out of the footer when there is no room, the lowest first. Without it, it always stays. */
  readonly optional?: number;
  /** In the footer only while a call is held, or with several gateways. */
  readonly when?: "held" | "several";
  readonly help: string;
  readonly views: readonly View[];
  /** Of the panes, those that it works in; without it, all. */
  readonly panes?: readonly PaneName[];
  /** Of the details, those that it works in; without it, all. */
  readonly details?: readonly string[];
  /** The command is followed by the key itself. */
  readonly named?: true;
};

/** Where a person is. */
export type Where = {
  readonly view: View;
  readonly pane: PaneName;
  readonly detail: { readonly kind: string } | null;
};

const EVERYWHERE: readonly View[] = ["panes", "detail", "help"];
const AT_CALLS: readonly View[] = ["panes", "detail"];

export const keymap: readonly Binding[] = [
  {
    keys: ["a"],
    command: "approve",
    label: "approve",
    when: "held",
    help: "let the marked held call go on",
    views: AT_CALLS,
  },
  {
    keys: ["d"],
    command: "deny",
    label: "deny",
    when: "held",
    help: "deny the marked held call, with words for the model if you like",
    views: AT_CALLS,
  },
  {
    keys: ["e"],
    command: "edit",
    label: "edit",
    when: "held",
    help: "edit the marked held call's arguments in $EDITOR; they are judged again and go on",
    views: AT_CALLS,
  },
  {
    keys: ["A"],
    command: "approve all",
    help: "let all held calls go on, after a question",
    views: AT_CALLS,
  },
  { keys: ["D"], command: "deny all", help: "deny all held calls, after a question", views: AT_CALLS },
  {
    keys: ["j", "down"],
    command: "move 1",
    label: "move",
    optional: 1,
    help: "one row down",
    views: EVERYWHERE,
  },
  {
    keys: ["k", "up"],
    command: "move -1",
    label: "move",
    optional: 1,
    help: "one row up",
    views: EVERYWHERE,
  },
  {
    keys: ["enter"],
    command: "detail",
    label: "why",
    help: "everything about the chosen call: the rules looked at and what they saw, arguments and result",
    views: ["panes"],
    panes: ["holds", "calls"],
  },
  {
    keys: ["enter"],
    command: "detail",
    label: "detail",
    help: "everything about the chosen row",
    views: ["panes"],
    panes: ["counters", "denials", "tools", "agents", "policies", "gateways", "log"],
  },
  {
    keys: ["o"],
    command: "open",
    label: "open rule",
    optional: 5,
    help: "open the policy in $EDITOR, at the rule of the chosen row, or where a mistake is",
    views: AT_CALLS,
    panes: ["holds", "calls", "denials", "policies"],
    details: ["call", "denial", "policy"],
  },
  {
    keys: ["enter", "z"],
    command: "fold",
    label: "fold",
    optional: 9,
    help: "fold or unfold what is at the mark",
    views: ["detail"],
    details: ["call"],
  },
  { keys: ["Z"], command: "fold all", help: "fold all, or unfold all", views: ["detail"], details: ["call"] },
  {
    keys: ["n", "right"],
    command: "next 1",
    label: "next",
    optional: 2,
    help: "the next call",
    views: ["detail"],
    details: ["call"],
  },
  {
    keys: ["p", "left"],
    command: "next -1",
    label: "next",
    optional: 2,
    help: "the call before",
    views: ["detail"],
    details: ["call"],
  },
  {
    keys: ["y"],
    command: "copy",
    label: "copy",
    optional: 2,
    help: "copy the value at the mark of a call's detail, else the chosen row, as JSON",
    views: AT_CALLS,
  },
  {
    keys: ["esc"],
    command: "back",
    label: "back",
    help: "back to the panes",
    views: ["detail", "help"],
  },
  { keys: ["esc"], command: "back", help: "show all calls again, without the filter", views: ["panes"] },
  {
    keys: ["tab"],
    command: "pane next",
    label: "pane",
    optional: 6,
    help: "the next pane",
    views: ["panes"],
  },
  { keys: ["shift-tab"], command: "pane previous", help: "the pane before", views: ["panes"] },
  {
    keys: BODY_PANES.map((_, index) => String(index + 1)),
    command: "pane",
    named: true,
    help: `go to a pane: ${BODY_PANES.map((pane, index) => `${index + 1} ${pane}`).join(", ")}`,
    views: EVERYWHERE,
  },
  {
    keys: ["w"],
    command: "pick",
    label: "watch only",
    optional: 7,
    when: "several",
    panes: ["gateways", "calls"],
    help: "watch only the gateway of the chosen row, or with some picked, this one as well or no more",
    views: ["panes"],
  },
  { keys: ["W"], command: "pick all", help: "watch all gateways again", views: ["panes"] },
  {
    keys: ["i"],
    command: "whatif",
    help: "the last calls that the policy, as it was read last, would have decided otherwise",
    views: ["panes"],
  },
  {
    keys: ["/"],
    command: "filter-line",
    label: "filter",
    optional: 8,
    help: "show only some calls",
    views: ["panes"],
  },
  {
    keys: [":"],
    command: "command-line",
    label: "command",
    optional: 7,
    help: "type a command; tab completes it, up and down go through the history",
    views: EVERYWHERE,
  },
  {
    keys: ["f"],
    command: "follow",
    label: "follow",
    optional: 3,
    help: "stay on the newest call, or stop following",
    views: ["panes"],
    panes: ["calls"],
  },
  {
    keys: ["space"],
    command: "pause",
    label: "pause",
    optional: 4,
    help: "freeze the panes and count what is new; again to go on. The gateway is not paused",
    views: ["panes"],
  },
  {
    keys: ["="],
    command: "=",
    help: "JavaScript over the calls, counters, agents and rules in view",
    views: EVERYWHERE,
  },
  {
    keys: ["t"],
    command: "times",
    help: "times by the clock, or how long ago",
    views: EVERYWHERE,
  },
  { keys: ["g", "home"], command: "first", help: "the first row", views: EVERYWHERE },
  {
    keys: ["G", "end"],
    command: "last",
    help: "the last row; among the calls this follows again",
    views: EVERYWHERE,
  },
  { keys: ["ctrl-d", "pagedown"], command: "page 1", help: "half a pane down", views: EVERYWHERE },
  { keys: ["ctrl-u", "pageup"], command: "page -1", help: "half a pane up", views: EVERYWHERE },
  {
    keys: ["?"],
    command: "help",
    label: "help",
    help: "keys, commands and the filter language",
    views: EVERYWHERE,
  },
  { keys: ["q", "ctrl-c"], command: "quit", label: "quit", help: "leave the screen", views: EVERYWHERE },
];

/** Whether a key does something there. */
export function worksIn({ views, panes, details }: Binding, { view, pane, detail }: Where): boolean {
  if (!views.includes(view)) return false;
  if (view === "panes") return panes?.includes(pane) ?? true;
  return view !== "detail" || (details?.includes(detail?.kind ?? "") ?? true);
}

/** What a key is bound to where a person is; why it does nothing, where it does nothing there. */
export function bindingOf(key: string, where: Where): { command: string } | { why: string } {
  const bound = keymap.filter((binding) => binding.keys.includes(key));
  const here = bound.find((binding) => worksIn(binding, where));
  if (here) return { command: here.named ? `${here.command} ${key}` : here.command };
  const [elsewhere] = bound;
  if (!elsewhere) return { why: `${key} is not bound; ? lists the keys` };
  const { views, panes = [], details = [], help } = elsewhere;
  const ofDetails = `${key} works in the detail of a ${details.join(", ")} only (${help})`;
  if (where.view === "panes")
    return {
      why: views.includes("panes") ? `${key} works in ${panes.join(", ")} only (${help})` : ofDetails,
    };
  if (where.view === "detail" && views.includes("detail")) return { why: ofDetails };
  // First what to do: of a short line only the beginning shows.
  if (!views.includes("panes")) return { why: ofDetails };
  return { why: `${key} works in the panes, esc goes back to them (${help})` };
}
