import { Breaker, MOST_CRASHES } from "./breaker.ts";
import { Deadline } from "./deadline.ts";
import { type Answer, type Fault, type Request, type Verb, writeRequest } from "./frames.ts";
import { HostProcess } from "./host-process.ts";

/** What came of a request: the text that the plugin's side answered, or why there is none. */
export type Reply =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly fault: HostFault };

/**
 * `crash`: the host died over this request. `disabled`: the plugin did that too often. `busy`: too much is waiting.
 * `closed`: the gateway is ending.
 */
export interface HostFault extends Omit<Fault, "kind"> {
  readonly kind: Fault["kind"] | "crash" | "disabled" | "busy" | "closed";
}

/** A version of a plugin that the host holds, by its number. */
export interface Resident {
  readonly name: string;
  /** What every new host is sent before anything is asked of the plugin. */
  readonly setup: readonly { readonly verb: Verb; readonly timeout: number; readonly payload: string }[];
}

export interface SupervisorOptions {
  /** Something a person should read. */
  readonly log?: (level: "info" | "warn" | "error", text: string) => void;
}

interface Waiting extends Request {
  readonly resolve: (reply: Reply) => void;
  /** Whether it gets a plugin ready in a new host. */
  readonly setup: boolean;
  /** How many hosts it has been sent to. */
  sent: number;
}

/** How long the host may take beyond the plugin's own time before it is ended, in ms. */
const GRACE = 500;
/** How long a host may take to start, in ms. */
const BOOT = 5_000;
/** How long letting go of a plugin may take, in ms. */
const UNLOAD = 1_000;
/** Longest wait before the next host is started, in ms. */
const BACK_OFF = 800;
/** Several plugins each for all that an agent may have in flight. */
const MOST_WAITING = 65_536;
/** Characters. */
const MOST_WAITING_TEXT = 64 * 1024 * 1024;
/** Hosts a request is sent to before it counts as lost. */
const MOST_SENT = 10;

/**
 * Keeps one host process for all plugins, and asks it things in order. As it answers in order, the one it is at is
 * always the first of those waiting: only that one has a deadline, and only that one is to blame when the host dies.
 * All others are sent to the next host, which they may be, because hooks are pure.
 */
export class Supervisor {
  readonly #log: NonNullable<SupervisorOptions["log"]>;
  readonly #residents = new Map<number, Resident>();
  readonly #breakers = new Map<number, Breaker>();
  /** In the order in which the host answers; the first is what it is at. */
  #waiting: Waiting[] = [];
  #waitingText = 0;
  #host: HostProcess | null = null;
  #booted = false;
  readonly #deadline = new Deadline(() => this.#late());
  #restart: NodeJS.Timeout | null = null;
  /** Hosts that died one after the other without an answer. */
  #deaths = 0;
  #nextId = 1;
  #nextPlugin = 1;
  #closed = false;

  constructor(options: SupervisorOptions = {}) {
    this.#log = options.log ?? (() => {});
  }

  /** Process id of the host; null where none runs. */
  get hostPid(): number | null {
    return this.#host?.pid ?? null;
  }

  /** A number for a version of a plugin that is about to be loaded. */
  plugin(): number {
    return this.#nextPlugin++;
  }

  /** Why a plugin is not asked any more; null while it is. */
  disabled(plugin: number): string | null {
    return this.#breakers.get(plugin)?.open === true ? DISABLED : null;
  }

  /** Every new host gets this plugin from now on, until `release`. */
  keep(plugin: number, resident: Resident): void {
    this.#residents.set(plugin, resident);
  }

  /** The plugin is not asked any more; what it has been asked still gets its answer first. */
  release(plugin: number): void {
    const forget = () => {
      this.#residents.delete(plugin);
      this.#breakers.delete(plugin);
    };
    if (this.#host === null && this.#restart === null) forget();
    else void this.ask("unload", plugin, UNLOAD, "{}").then(forget);
  }

  /** Never rejects. @param timeout ms */
  ask(verb: Verb, plugin: number, timeout: number, payload: string): Promise<Reply> {
    if (this.#closed) return failed("closed", "the gateway is ending");
    if (verb !== "unload" && this.#breakers.get(plugin)?.open === true) return failed("disabled", DISABLED);
    if (this.#waiting.length >= MOST_WAITING || this.#waitingText + payload.length > MOST_WAITING_TEXT) {
      return failed("busy", "too many calls wait for plugins");
    }
    return new Promise((resolve) => {
      const entry: Waiting = {
        id: this.#nextId++,
        verb,
        plugin,
        timeout,
        payload,
        resolve,
        setup: false,
        sent: 0,
      };
      this.#enter(entry);
      if (this.#host !== null) this.#send(this.#host, entry);
      else if (this.#restart === null) this.#start();
    });
  }

  close(): void {
    this.#closed = true;
    if (this.#restart !== null) clearTimeout(this.#restart);
    this.#deadline.clear();
    this.#host?.kill();
    this.#host = null;
    this.#fail(this.#waiting.splice(0), "closed", "the gateway is ending");
  }

  #enter(entry: Waiting): void {
    this.#waiting.push(entry);
    this.#waitingText += entry.payload.length;
  }

  #send(host: HostProcess, entry: Waiting): void {
    if (this.#waiting[0] === entry) this.#begin();
    entry.sent++;
    host.send(writeRequest(entry));
  }

  #start(): void {
    this.#restart = null;
    this.#booted = false;
    const host = new HostProcess({
      onAnswer: (answer) => this.#answered(answer),
      onGone: (reason) => this.#died(`its host ${reason}`),
    });
    this.#host = host;
    const again = this.#waiting;
    this.#waiting = [];
    this.#waitingText = 0;
    for (const [plugin, { setup }] of this.#residents) {
      if (this.#breakers.get(plugin)?.open === true) continue;
      // What is wrong with it shows when it is asked.
      for (const step of setup) {
        this.#enter({ ...step, id: this.#nextId++, plugin, resolve: () => {}, setup: true, sent: 0 });
      }
    }
    for (const entry of again) this.#enter(entry);
    for (const entry of this.#waiting) this.#send(host, entry);
  }

  #answered({ id, ok, payload }: Answer): void {
    const entry = this.#waiting[0];
    if (entry?.id !== id) return this.#lose("it answered what it was not asked");
    this.#waiting.shift();
    this.#waitingText -= entry.payload.length;
    this.#booted = true;
    this.#deaths = 0;
    this.#begin();
    if (ok) return entry.resolve({ ok: true, text: payload });
    entry.resolve({ ok: false, fault: JSON.parse(payload) });
  }

  /** The host is at the next one from now on. */
  #begin(): void {
    const first = this.#waiting[0];
    if (first === undefined) return this.#deadline.lift();
    this.#deadline.set(performance.now() + first.timeout + GRACE + (this.#booted ? 0 : BOOT));
  }

  #late(): void {
    const first = this.#waiting[0];
    // Where the gateway itself was held up, the answer may be there, unread.
    setImmediate(() => {
      if (first === undefined || this.#waiting[0] !== first || this.#host === null) return;
      this.#lose(`it did not stop after ${first.timeout} ms, and its host was ended`);
    });
  }

  #lose(reason: string): void {
    this.#host?.kill();
    this.#died(reason);
  }

  #died(reason: string): void {
    this.#host = null;
    if (this.#closed) return;
    const wait = this.#deaths === 0 ? 0 : Math.min(BACK_OFF, 50 * 2 ** this.#deaths);
    this.#deaths++;
    const culprit = this.#waiting.shift();
    if (culprit === undefined) {
      return this.#log("warn", `the plugin host: ${reason}; it is started again when a plugin is asked`);
    }
    const name = this.#residents.get(culprit.plugin)?.name ?? "that was being loaded";
    this.#log("warn", `plugin ${name}: ${reason}; the host is started again`);
    this.#crashed(culprit.plugin);
    this.#fail([culprit], "crash", reason);

    const others = this.#waiting.filter((entry) => !entry.setup);
    const disabled = others.filter((entry) => this.#breakers.get(entry.plugin)?.open === true);
    const lost = others.filter((entry) => entry.sent >= MOST_SENT && !disabled.includes(entry));
    this.#waiting = others.filter((entry) => !disabled.includes(entry) && !lost.includes(entry));
    this.#fail(disabled, "disabled", DISABLED);
    this.#fail(lost, "crash", "its host died again and again under other calls");
    // Also where nothing waits: the next call shall not have to.
    this.#restart = setTimeout(() => this.#start(), wait);
  }

  #crashed(plugin: number): void {
    if (plugin === 0) return;
    const breaker = this.#breakers.get(plugin) ?? new Breaker();
    this.#breakers.set(plugin, breaker);
    if (!breaker.crashed(performance.now())) return;
    this.#log("error", `plugin ${this.#residents.get(plugin)?.name ?? ""}: ${DISABLED}`);
  }

  #fail(entries: readonly Waiting[], kind: HostFault["kind"], message: string): void {
    for (const { resolve } of entries) resolve({ ok: false, fault: { kind, message, stack: "" } });
  }
}

const DISABLED = `it crashed ${MOST_CRASHES} times in a minute and is disabled; mend its file and save it, or restart the gateway`;

function failed(kind: HostFault["kind"], message: string): Promise<Reply> {
  return Promise.resolve({ ok: false, fault: { kind, message, stack: "" } });
}
