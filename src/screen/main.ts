/** Opens the screen over running gateways. Nothing of Ink or React is loaded before it is called. */

import { Following } from "../control/follow.ts";
import { pastDetail } from "../control/past/detail.ts";
import type { Loaded } from "../control/past/load.ts";
import { locateHome } from "../state/home.ts";
import { attach } from "./attach.ts";
import { Backfill } from "./backfill.ts";
import { Expressions } from "./expressions/expressions.ts";
import { History } from "./history.ts";
import { showLoaded } from "./loaded.ts";
import { pointAt } from "./mouse.ts";
import { MouseInput } from "./mouse-reports.ts";
import { setTheme } from "./paint.ts";
import { Store } from "./store.ts";
import { firstTheme, keepTheme } from "./theme.ts";

export type ScreenOptions = {
  /** Control sockets to attach to (tried until they are there), or every gateway of this user. */
  sockets: string[] | "all";
  /** A file to show, and nothing else. */
  loaded?: Loaded;
  /** Called when the person quits, before the terminal is given back. */
  onQuit?: () => void;
  /** Whether the gateways end with the screen, so that quitting is asked about. */
  ends?: boolean;
  /** Said in the footer for the first seconds. */
  banner?: string;
};

/** Ages and reset times move on even when nothing else does. */
const TICK_MS = 1_000;
const SETTLE_MS = 50;
const HOME_AND_CLEAR = "\x1b[H\x1b[2J";

/** Asks the terminal to put a text on its clipboard (OSC 52), over any connection that it came by. */
function clipboard(text: string): string {
  return `\x1b]52;c;${Buffer.from(text).toString("base64")}\x07`;
}

/** Shows the screen on this terminal; resolves when the person quits, with the terminal as it was. */
export async function openScreen(opts: ScreenOptions): Promise<void> {
  // React reads this once, when it is loaded; its development build is several times slower.
  process.env.NODE_ENV = "production";
  const { mount } = await import("./app.tsx");
  const { stdout } = process;
  const home = locateHome();
  setTheme(firstTheme(home.themeFile));
  const size = () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 });
  const following = new Following(opts.sockets === "all" ? home.runDir : opts.sockets);
  const mouse = new MouseInput((each) => pointAt(store, each));
  const expressions = new Expressions();
  const store: Store = new Store({
    size: size(),
    banner: opts.banner,
    alone: opts.loaded !== undefined,
    waitingFor:
      opts.sockets === "all" ? `Looking in ${home.runDir}` : `Waiting for ${opts.sockets.join(", ")}`,
    ask: (gateway, command) => following.ask(gateway, command),
    evaluate: (code, names) => expressions.evaluate(code, names),
    recorded: ({ gateway, call }) => pastDetail(home.auditDir, gateway, call.id),
    bell: () => stdout.write("\x07"),
    copy: (text) => stdout.write(clipboard(text)),
    mouse: (on) => mouse.take(on),
    ends: opts.ends ?? false,
    keepTheme: (name) => keepTheme(home.themeFile, name),
    history: new History(home.historyFile),
    quit() {
      opts.onQuit?.();
      screen.unmount();
    },
  });
  // A terminal moves and cuts its rows when resized, some before it says so and some after: only a screen painted
  // anew is surely right. Once it has settled, for dragging a corner resizes dozens of times a second.
  let settled: NodeJS.Timeout | undefined;
  const resized = () => {
    store.resize(size());
    clearTimeout(settled);
    settled = setTimeout(paintAnew, SETTLE_MS);
  };
  const paintAnew = () => {
    stdout.write(HOME_AND_CLEAR);
    screen.clear();
    store.repaint();
  };
  stdout.on("resize", resized);
  let crash: unknown = null;
  const crashed = (error: unknown) => {
    crash ??= error;
    screen.unmount(); // First the terminal, then the words: on the alternate screen nobody would read them.
  };
  const screen = mount(store);
  // Going over to the alternate screen leaves the cursor where it was, and the first frame begins there.
  paintAnew();
  process.on("uncaughtException", crashed);
  process.on("unhandledRejection", crashed);
  const tick = setInterval(() => store.changed(), TICK_MS);
  if (opts.loaded) showLoaded(store, opts.loaded);
  const backfill = new Backfill(store, home.auditDir);
  attach(following, store, () => void backfill.start());
  if (opts.sockets === "all") void backfill.start();
  try {
    await screen.waitUntilExit();
  } finally {
    clearInterval(tick);
    clearTimeout(settled);
    backfill.close();
    following.close();
    expressions.close();
    store.close();
    stdout.off("resize", resized);
    process.off("uncaughtException", crashed);
    process.off("unhandledRejection", crashed);
  }
  if (crash) throw crash;
}
