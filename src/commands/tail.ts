import { matcher } from "../control/filter/match.ts";
import { parseFilter } from "../control/filter/parse.ts";
import { Following } from "../control/follow.ts";
import { savedLine } from "../control/past/load.ts";
import { inOrder, latestCalls, logsSince, type PastCall, unreadableText } from "../control/past/logs.ts";
import { sanitize } from "../sanitize.ts";
import { locateHome } from "../state/home.ts";
import { NO_GATEWAY } from "./gateways.ts";
import { attachSignals } from "./headless.ts";
import { callLine } from "./lines.ts";
import { UsageError } from "./usage-error.ts";

/** The options as commander hands them over. */
export interface RawTailOptions {
  json?: boolean;
  /** How many of the last calls. */
  lines: number;
  /** Whether to go on with those to come; undefined for as long as a gateway runs. */
  follow?: boolean;
}

/** Calls of the audit log that are looked at for those wanted, at most. */
const MOST_READ = 100_000;
/** Bytes that wait for a reader, beyond which calls are left out. */
const MOST_WAITING = 8 * 1024 * 1024;

/**
 * `callgate tail`: the last calls, from the gateways and the audit log, then each one as it ends or is held, a line
 * a call.
 *
 * @param filter in the screen's filter language
 * @returns 0, or 1 where no gateway is running (without --follow, where there is also nothing to show)
 * @throws UsageError where the filter cannot be read
 */
export async function tail(filter: string, options: RawTailOptions): Promise<number> {
  const matches = matching(filter);
  const { lines, follow } = options;
  const printer = new Printer(options.json === true);
  const done = Promise.withResolvers<void>();
  process.stdout.on("error", () => done.resolve()); // Nobody reads any more.
  const running = new Set<string>();
  const known = new Known();
  /** Until the past is shown. */
  let waiting: PastCall[] | null = [];
  const take = (past: PastCall) => {
    if (waiting) waiting.push(past);
    else if (known.isNews(past) && matches(past)) printer.print(past);
  };
  const takeAll = (gateway: string, calls: readonly PastCall["call"][]) => {
    for (const call of calls) take({ gateway, call });
  };
  const following = new Following(locateHome().runDir);
  await following.start({
    attached: ({ id }) => void running.add(id),
    snapshot: (gateway, { calls }) => takeAll(gateway, calls),
    events: (gateway, events) =>
      takeAll(
        gateway,
        events.flatMap((event) => (event.type === "call" ? [event.call] : [])),
      ),
    ended(gateway) {
      running.delete(gateway);
      if (follow === undefined && running.size === 0) done.resolve();
    },
    trouble: (message) => process.stderr.write(`callgate: ${sanitize(message)}\n`),
  });
  const past = await lastCalls(waiting, running, lines, matches);
  for (const each of past) printer.print(each);
  for (const each of waiting) known.isNews(each);
  waiting = null;
  if (running.size === 0 && follow !== true) {
    following.close();
    if (follow === false && past.length > 0) return 0;
    process.stderr.write(`callgate tail: ${NO_GATEWAY}\n`);
    return 1;
  }
  if (follow !== false) {
    attachSignals(() => done.resolve());
    await done.promise;
  }
  following.close();
  return 0;
}

type Matches = (past: PastCall) => boolean;

/** @throws UsageError */
function matching(filter: string): Matches {
  const parsed = parseFilter(filter);
  if (!parsed.ok) {
    const { start, end, message } = parsed.mistake;
    throw new UsageError(
      `${message}\n  ${filter}\n  ${" ".repeat(start)}${"^".repeat(Math.max(1, end - start))}`,
    );
  }
  const wanted = parsed.filter ? matcher(parsed.filter) : () => true;
  return ({ call }) => wanted(call, Date.now());
}

/** The last `most` that match, of what gateways remember and what their logs have, in the order of time. */
async function lastCalls(
  remembered: readonly PastCall[],
  running: ReadonlySet<string>,
  most: number,
  matches: Matches,
): Promise<PastCall[]> {
  if (most === 0) return [];
  const found = new Map<string, PastCall>();
  // What a gateway says of a call is newer than what its log says.
  const own = new Map(remembered.map((past) => [keyOf(past), past]));
  let read = 0;
  const { auditDir } = locateHome();
  let unreadable = 0;
  for await (const past of latestCalls(await logsSince(auditDir, 0), () => unreadable++)) {
    const newest = own.get(keyOf(past)) ?? (running.has(past.gateway) ? past : lost(past));
    if (saysSomething(newest) && matches(newest)) found.set(keyOf(past), newest);
    if (found.size >= most || ++read >= MOST_READ) break;
  }
  if (unreadable > 0) process.stderr.write(`callgate tail: ${unreadableText(unreadable, auditDir)}\n`);
  for (const [key, past] of own) if (saysSomething(past) && matches(past)) found.set(key, past);
  return [...found.values()].sort(inOrder).slice(-most);
}

/** A call that is still running says nothing yet. */
const saysSomething = ({ call: { verdict, outcome } }: PastCall): boolean =>
  verdict === "ask" || outcome !== null;

/** Nobody will hear how a call ended whose gateway is gone. */
const lost = (past: PastCall): PastCall =>
  past.call.outcome === null ? { ...past, call: { ...past.call, outcome: "lost" } } : past;

const keyOf = ({ gateway, call }: PastCall): string => `${gateway}/${call.id}`;

/** What has been told of calls, as far back as a gateway remembers them: one that comes again is no news. */
class Known {
  readonly #told = new Set<string>();
  /** Several gateways' memories. */
  readonly #most = 50_000;

  /** Whether it says something that has not been told. */
  isNews(past: PastCall): boolean {
    if (!saysSomething(past)) return false;
    const { verdict, outcome } = past.call;
    const key = `${keyOf(past)}/${verdict}/${outcome}`;
    if (this.#told.has(key)) return false;
    this.#told.add(key);
    if (this.#told.size > this.#most) for (const oldest of this.#told) return this.#told.delete(oldest);
    return true;
  }
}

/** Prints calls, a line each whatever is in them, and leaves out what nobody reads in time. */
class Printer {
  readonly #line: (past: PastCall) => string;
  #left = 0;

  constructor(json: boolean) {
    this.#line = json ? savedLine : ({ call }) => `${callLine(call)}\n`;
  }

  print(past: PastCall): void {
    const { stdout } = process;
    if (stdout.writableLength > MOST_WAITING) {
      if (this.#left++ === 0) stdout.once("drain", () => this.#tell());
    } else stdout.write(this.#line(past));
  }

  #tell(): void {
    process.stderr.write(`callgate tail: ${this.#left} calls were left out: they are not read fast enough\n`);
    this.#left = 0;
  }
}
