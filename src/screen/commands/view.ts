/** What is looked at. */

import type { CallRow } from "../calls.ts";
import type { Command } from "../command.ts";
import { freeze } from "../content.ts";
import { last } from "../cursor.ts";
import { openCall, openDetail } from "../detail.ts";
import { count } from "../format.ts";
import { BODY_PANES, PANES } from "../layout.ts";
import { setTheme, THEME_NAMES, themeInUse } from "../paint.ts";
import { promptOf } from "../prompt.ts";
import type { Store } from "../store.ts";
import { empty, nothing } from "./move.ts";

export const viewCommands: readonly Command[] = [
  {
    name: "why",
    args: "[CALL]",
    help: "everything about a call: the rules looked at and what they saw; alone, of the last one denied",
    run(store, id) {
      const { model } = store;
      const list = model.stream();
      const rows = Array.from({ length: list.length }, (_, index) => list.at(index)).filter(
        (row) => row !== undefined,
      );
      const named = ({ gateway, call }: CallRow) => `${model.nameOf(gateway)}/${call.id}`;
      const found =
        id === ""
          ? rows.filter(({ call }) => call.verdict === "deny").slice(-1)
          : rows.filter((row) => row.call.id === id || row.key === id || named(row) === id);
      const [row, other] = found;
      if (row && !other) return openCall(store, row);
      if (row) return `several gateways have a call ${id}: ${found.map(named).join(", ")}`;
      return id === "" ? "nothing was denied yet" : `no call ${id} is known; the detail of a call has its id`;
    },
  },
  {
    name: "pane",
    args: "PANE",
    help: `goes to a pane: ${PANES.join(", ")}`,
    run(store, to) {
      const { ui } = store;
      const open = PANES.filter((pane) => pane !== "holds" || store.model.holds.length > 0);
      const step = { next: 1, previous: -1 }[to];
      const at = open.indexOf(ui.pane) + (step ?? 0) + open.length;
      const pane = step
        ? open[at % open.length]
        : (open.find((each) => each === to) ?? BODY_PANES[Number(to) - 1]);
      if (!pane) return to === "holds" ? nothing("holds") : `there is no pane ${to}: ${open.join(", ")}`;
      ui.view = "panes";
      ui.detail = null;
      store.goTo(pane);
      return null;
    },
  },
  {
    name: "follow",
    args: "",
    help: "stays on the newest call, or stops following",
    run(store) {
      const { ui } = store;
      if (ui.frozen) return "paused: space goes on, then f follows";
      // Stopping stays where following was, it does not jump back to where it began.
      if (ui.follow) ui.cursors.calls = last(store.content().calls);
      ui.follow = !ui.follow;
      return null;
    },
  },
  {
    name: "pause",
    args: "",
    help: "freezes the panes, or goes on; the gateways go on in any case",
    run(store) {
      const { ui, model } = store;
      if (ui.frozen) ui.frozen = null;
      else if (model.gateways.size === 0) return "no gateway yet: there is nothing to pause";
      else ui.frozen = freeze(model);
      return null;
    },
  },
  {
    name: "times",
    args: "",
    help: "shows when things were by the clock, or how long ago",
    run({ ui }) {
      ui.times = ui.times === "clock" ? "age" : "clock";
      return null;
    },
  },
  {
    name: "theme",
    args: "[THEME]",
    help: `colours for a dark or a light terminal, or none: ${THEME_NAMES.join(", ")}; it is remembered`,
    run(store, name) {
      if (process.env.NO_COLOR) return "NO_COLOR is set: there are no colours";
      const theme = THEME_NAMES.find((each) => each === name);
      if (!theme) {
        const others = `there are ${THEME_NAMES.join(", ")}`;
        return name === ""
          ? `the theme is ${themeInUse()}; ${others}`
          : `there is no theme ${name}: ${others}`;
      }
      setTheme(theme);
      store.options.keepTheme?.(theme);
      return null;
    },
  },
  {
    name: "mouse",
    args: "on|off",
    help: "on: a click chooses a row, and another opens it; off: the terminal selects text, as shift does too",
    run(store, to) {
      if (to !== "on" && to !== "off") return "mouse is on or off";
      store.ui.mouse = to === "on";
      store.options.mouse?.(store.ui.mouse);
      return null;
    },
  },
  {
    name: "help",
    args: "",
    help: "the keys, the commands and the filter language",
    run({ ui }) {
      if (ui.view === "help") ui.view = ui.detail ? "detail" : "panes";
      else ui.view = "help";
      ui.scroll = 0;
      return null;
    },
  },
  {
    name: "quit",
    args: "",
    help: "leaves the screen",
    run(store) {
      const { ends, quit } = store.options;
      const running = [...store.live.gateways.values()].filter(({ endedAt }) => endedAt === null);
      if (!ends || running.length === 0) {
        quit();
        return null;
      }
      const names = running.map(({ name }) => name).join(", ");
      const agents = store.live.agentRows.filter(({ open }) => open).length;
      store.ui.prompt = promptOf("question", {
        label: `quit? The gateway of ${names} ends with this screen. y/n`,
        hint: `${count(agents, "agent")} ${agents === 1 ? "is" : "are"} connected to it; q again is a yes too`,
        keys: { q: quit, "ctrl-c": quit },
        enter() {
          quit();
          return null;
        },
      });
      return null;
    },
  },
  {
    name: "detail",
    args: "",
    help: "everything about the chosen row",
    keysOnly: true,
    run: (store) => (empty(store) ? nothing(store.ui.pane) : openDetail(store)),
  },
  {
    name: "command-line",
    args: "",
    help: "types a command",
    keysOnly: true,
    run(store: Store) {
      store.ui.prompt = promptOf("command", {
        label: ":",
        enter: (text) => (text === "" ? null : store.attempt(text)),
      });
      return null;
    },
  },
];
