/**
 * The one table of keys. Each is bound to a command, the same text that could be typed; the footer, the help and
 * the docs are this table.
 */
export type View = "panes" | "detail" | "help";

export type Binding = {
  readonly keys: readonly string[];
  readonly command: string;
  /** A word for the footer, where keys of one label stand together; without it, the help only. */
  readonly label?: string;
  readonly help: string;
  readonly views: readonly View[];
};

export const keymap: readonly Binding[] = [
  {
    keys: ["j", "down"],
    command: "move 1",
    label: "move",
    help: "one row down",
    views: ["panes", "detail", "help"],
  },
  {
    keys: ["k", "up"],
    command: "move -1",
    label: "move",
    help: "one row up",
    views: ["panes", "detail", "help"],
  },
  {
    keys: ["enter"],
    command: "open",
    label: "detail",
    help: "everything about the chosen row",
    views: ["panes"],
  },
  { keys: ["esc"], command: "back", label: "back", help: "back to the panes", views: ["detail", "help"] },
  { keys: ["tab"], command: "pane next", label: "pane", help: "the next pane", views: ["panes"] },
  { keys: ["shift-tab"], command: "pane previous", help: "the pane before", views: ["panes"] },
  {
    keys: ["f"],
    command: "follow",
    label: "follow",
    help: "stay on the newest call, or stop following",
    views: ["panes"],
  },
  {
    keys: ["space"],
    command: "pause",
    label: "pause",
    help: "freeze the panes and count what is new; again to go on. The gateway is not paused",
    views: ["panes"],
  },
  { keys: ["g", "home"], command: "first", help: "the first row", views: ["panes", "detail", "help"] },
  {
    keys: ["G", "end"],
    command: "last",
    help: "the last row; among the calls this follows again",
    views: ["panes", "detail", "help"],
  },
  {
    keys: ["ctrl-d", "pagedown"],
    command: "page 1",
    help: "half a pane down",
    views: ["panes", "detail", "help"],
  },
  {
    keys: ["ctrl-u", "pageup"],
    command: "page -1",
    help: "half a pane up",
    views: ["panes", "detail", "help"],
  },
  { keys: ["?"], command: "help", label: "help", help: "these keys", views: ["panes", "detail", "help"] },
  {
    keys: ["q", "ctrl-c"],
    command: "quit",
    label: "quit",
    help: "leave the screen",
    views: ["panes", "detail", "help"],
  },
];

/** What `key` is bound to in `view`; null and why, when it does nothing there. */
export function bindingOf(key: string, view: View): { command: string } | { why: string } {
  const bound = keymap.filter((binding) => binding.keys.includes(key));
  const here = bound.find((binding) => binding.views.includes(view));
  if (here) return { command: here.command };
  const [elsewhere] = bound;
  if (!elsewhere) return { why: `${key} is not bound; ? lists the keys` };
  return view === "panes"
    ? { why: `${key} (${elsewhere.help}): there is nothing to go back from` }
    : { why: `${key} (${elsewhere.help}) works in the panes; esc goes back to them` };
}
