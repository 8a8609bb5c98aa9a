/**
 * The one table of keys. Each is bound to a command, the same text that could be typed; the footer, the help and
 * the docs are this table.
 */
import { BODY_PANES } from "./layout.ts";

export type View = "panes" | "detail" | "help";

export type Binding = {
  readonly keys: readonly string[];
  readonly command: string;
  /** A word for the footer, where keys of one label stand together; without it, the help only. */
  readonly label?: string;
  /** Left out of the footer when there is no room, the lowest first. Without it, it always stays. */
  readonly optional?: number;
  /** In the footer only while a call is held. */
  readonly when?: "held";
  readonly help: string;
  readonly views: readonly View[];
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
    help: "everything about the chosen row",
    views: ["panes"],
  },
  {
    keys: ["o"],
    command: "open",
    label: "open rule",
    optional: 5,
    help: "open the policy in $EDITOR, at the rule of the chosen row",
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
  ...BODY_PANES.map(
    (pane, index): Binding => ({
      keys: [String(index + 1)],
      command: `pane ${pane}`,
      help: `the pane of ${pane}`,
      views: EVERYWHERE,
    }),
  ),
  {
    keys: ["w"],
    command: "pick",
    help: "watch only the gateway of the chosen row, or with some picked, this one as well or no more",
    views: ["panes"],
  },
  { keys: ["W"], command: "pick all", help: "watch all gateways again", views: ["panes"] },
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

/** What `key` is bound to in `view`; null and why, when it does nothing there. */
export function bindingOf(key: string, view: View): { command: string } | { why: string } {
  const bound = keymap.filter((binding) => binding.keys.includes(key));
  const here = bound.find((binding) => binding.views.includes(view));
  if (here) return { command: here.command };
  const [elsewhere] = bound;
  if (!elsewhere) return { why: `${key} is not bound; ? lists the keys` };
  return { why: `${key} (${elsewhere.help}) works in the panes; esc goes back to them` };
}
