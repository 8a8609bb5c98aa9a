/** The screen's state outside React: the model, where the person is in it, and who to tell when to draw. */
import { runCommand } from "./commands.ts";
import { type Content, type Frozen, live } from "./content.ts";
import { type Cursor, END, last, START } from "./cursor.ts";
import type { Detail } from "./detail.ts";
import type { Filtered } from "./filtered.ts";
import { ago, clock, moment } from "./format.ts";
import { History } from "./history.ts";
import { chosenHold } from "./holds.ts";
import type { View } from "./keymap.ts";
import { type BodyPane, type Layout, layoutOf, type PaneName, type Size } from "./layout.ts";
import type { LoadedFile, Recorded } from "./loaded.ts";
import { Model } from "./model.ts";
import type { ThemeName, Tone } from "./paint.ts";
import { bandHeight } from "./panes/band.ts";
import type { Prompt } from "./prompt.ts";

export type Ui = {
  view: View;
  pane: PaneName;
  /** The panes gone to, latest first: where several share a place, the first of them shows. */
  visited: readonly BodyPane[];
  cursors: Record<PaneName, Cursor>;
  follow: boolean;
  frozen: Frozen | null;
  detail: Detail | null;
  /** First line shown of the detail or the help. */
  scroll: number;
  /** Whether the mouse is taken, or left to the terminal for selecting text. */
  mouse: boolean;
  /** How moments read: by the clock, or how long ago they were. */
  times: "clock" | "age";
  notice: { text: string; tone: Tone; until: number } | null;
  prompt: Prompt | null;
  filter: Filtered | null;
  /** When the person last looked at what a reload would have made of the last calls, in ms since the epoch. */
  whatIfSeen: number;
};

/** At most 15 draws a second. */
const DRAW_MS = 1000 / 15;
/** And at most this share of the time spent drawing: a large terminal under a flood of calls draws less often. */
const DRAW_SHARE = 1 / 8;
const NOTICE_MS = 5_000;

export type StoreOptions = {
  size: Size;
  /** A line the opener wants said, above the panes' footer. */
  banner?: string | undefined;
  /** What the waiting view says of where it looks. */
  waitingFor: string;
  quit(): void;
  /** Sends a command to a gateway. */
  ask(gateway: string, command: string): Promise<unknown>;
  /** The value of an expression as text. @throws Error saying what is wrong with it */
  evaluate(code: string, names: Readonly<Record<string, unknown>>): Promise<string>;
  /** What the audit log has of a call; null where it has nothing. */
  recorded: Recorded;
  /** Whether there are no gateways to go back to from a file. */
  alone?: boolean;
  /** Calls the person. */
  bell?: () => void;
  /** Puts a text where the person can paste it. */
  copy?: (text: string) => void;
  /** Asks the terminal to report the mouse, or not to any more. */
  mouse?: (on: boolean) => void;
  /** Whether the gateways end with this screen. */
  ends?: boolean;
  /** Keeps the theme that the person chose. */
  keepTheme?: (name: ThemeName) => void;
  history?: History;
  now?: () => number;
};

export class Store {
  /** What the gateways say, whether or not it is shown. */
  readonly live = new Model();
  loaded: LoadedFile | null = null;
  readonly options: StoreOptions;
  readonly now: () => number;
  size: Size;
  ui: Ui = {
    view: "panes",
    pane: "calls",
    visited: ["calls"],
    cursors: {
      holds: START,
      calls: START,
      counters: START,
      denials: START,
      tools: START,
      agents: START,
      policies: START,
      gateways: START,
      log: END,
    },
    times: "clock",
    mouse: true,
    follow: true,
    frozen: null,
    detail: null,
    scroll: 0,
    notice: null,
    prompt: null,
    filter: null,
    whatIfSeen: 0,
  };
  readonly history: History;
  /** The hold that the keys are about, and since when it shows as that. */
  seen: { key: string; since: number } | null = null;
  /** Gives the terminal to another program while `work` runs; set by whoever draws. */
  handOver: (work: () => Promise<void>) => Promise<void> = () =>
    Promise.reject(new Error("there is no terminal to hand over"));
  /** Rises with every draw; what React watches. */
  version = 0;
  /** Rises when all rows are to be drawn anew, whatever was there. */
  generation = 0;
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | null = null;
  #drawn = 0;
  #rung = 0;
  /** ms that a draw takes, averaged over the last few. */
  #cost = 0;

  constructor(options: StoreOptions) {
    this.options = options;
    this.size = options.size;
    this.now = options.now ?? Date.now;
    this.ui.whatIfSeen = this.now();
    this.history = options.history ?? new History(null);
    if (options.banner) this.notice(options.banner);
  }

  /** What is shown. */
  get model(): Model {
    return this.loaded?.model ?? this.live;
  }

  /** Shows a file; null shows the gateways again. */
  show(loaded: LoadedFile | null): void {
    this.loaded = loaded;
    Object.assign(this.ui, { view: "panes", frozen: null, detail: null, filter: null, follow: true });
    this.goTo("calls");
    this.changed("person");
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Something that shows has changed: draws now or soon. What a person did is not kept waiting for cost. */
  changed(by: "gateway" | "person" = "gateway"): void {
    if (this.live.heldEver > this.#rung) {
      this.#rung = this.live.heldEver;
      this.options.bell?.();
    }
    if (this.#timer && by === "gateway") return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const pause = by === "person" ? DRAW_MS : Math.max(DRAW_MS, this.#cost / DRAW_SHARE);
    const wait = this.#drawn + pause - performance.now();
    if (wait <= 0) this.draw();
    else this.#timer = setTimeout(() => this.draw(), wait);
  }

  draw(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#drawn = performance.now();
    this.version++;
    if (this.ui.pane === "holds" && this.model.holds.length === 0) this.goTo("calls");
    const hold = chosenHold(this);
    if (hold?.key !== this.seen?.key) this.seen = hold && { key: hold.key, since: this.now() };
    const began = performance.now();
    for (const listener of this.#listeners) listener();
    // React and Ink do their work in microtasks: it is done when the next immediate runs.
    setImmediate(() => {
      this.#cost += (performance.now() - began - this.#cost) / 4;
    });
  }

  /** Stops a draw that is still to come. */
  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#listeners.clear();
  }

  resize(size: Size): void {
    this.size = size;
    this.draw(); // At once: until then the old rows are on a terminal of another size.
  }

  /** Draws every row anew, for a terminal whose contents are not known any more. */
  repaint(): void {
    this.generation++;
    this.draw();
  }

  run(command: string): void {
    const why = this.attempt(command);
    if (why) this.notice(why);
    this.changed("person");
  }

  /** Gives why the command could not be done. */
  attempt(command: string): string | null {
    this.ui.notice = null;
    return runCommand(this, command);
  }

  /** Why something cannot be. */
  notice(text: string, tone: Tone = "warn"): void {
    this.ui.notice = { text, tone, until: this.now() + NOTICE_MS };
    this.changed("person");
  }

  /** What has been done. */
  say(text: string): void {
    this.notice(text, "good");
  }

  content(): Content {
    const { model } = this;
    const { frozen, filter } = this.ui;
    const shown = { ...live(model), ...frozen };
    const calls = model.stream(shown.calls);
    return {
      ...shown,
      calls: filter?.list(calls, model.version, this.now()) ?? calls,
      log: model.ofShown(shown.log),
    };
  }

  /** A moment, in at most eight cells. */
  time(ms: number): string {
    return this.ui.times === "clock" ? clock(ms) : ago(ms, this.now());
  }

  /** A moment in words: `14:03:12, 12s ago`. */
  moment(ms: number): string {
    const now = this.now();
    return `${moment(ms, now)}, ${ago(ms, now)}`;
  }

  goTo(pane: PaneName): void {
    const { ui } = this;
    ui.pane = pane;
    if (pane !== "holds") ui.visited = [pane, ...ui.visited.filter((each) => each !== pane)];
  }

  /** The cursor of a pane; following, that of the calls is on the newest. */
  cursor(pane: PaneName): Cursor {
    if (pane === "calls" && this.ui.follow) return last(this.content().calls);
    return this.ui.cursors[pane];
  }

  layout(): Layout {
    return layoutOf(this.size, {
      pane: this.ui.pane,
      band: bandHeight(this),
      counters: this.content().counters.length,
      holds: this.model.holds.length,
      prompt: this.ui.prompt !== null,
    });
  }
}
