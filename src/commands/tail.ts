import { matcher } from "../control/filter/match.ts";
import { parseFilter } from "../control/filter/parse.ts";
import type { CallView, Event } from "../control/protocol.ts";
import { attachAll, NO_GATEWAY } from "./gateways.ts";
import { attachSignals } from "./headless.ts";
import { callLine } from "./lines.ts";
import { UsageError } from "./usage-error.ts";

/**
 * `callgate tail`: the last calls of the running gateways, then each one as it ends or is held, a line a call,
 * until a signal or until all gateways have ended.
 *
 * @param filter in the screen's filter language
 * @param lines how many of the last calls
 * @returns 0, or 1 where no gateway is running
 * @throws UsageError where the filter cannot be read
 */
export async function tail(
  filter: string,
  { json, lines }: { json: boolean; lines: number },
  out: (text: string) => void,
): Promise<number> {
  const parsed = parseFilter(filter);
  if (!parsed.ok) {
    const { start, end, message } = parsed.mistake;
    throw new UsageError(
      `${message}\n  ${filter}\n  ${" ".repeat(start)}${"^".repeat(Math.max(1, end - start))}`,
    );
  }
  const matches = parsed.filter ? matcher(parsed.filter) : () => true;
  const show = (call: CallView) => {
    const said = call.verdict === "ask" || call.outcome !== null;
    if (said && matches(call, Date.now())) out(`${json ? JSON.stringify(call) : callLine(call)}\n`);
  };
  const early: CallView[] = [];
  let take = (call: CallView): void => void early.push(call);
  const done = Promise.withResolvers<void>();
  let open = 0;
  const attached = await attachAll({
    events: (events: Event[]) => {
      for (const event of events) if (event.type === "call") take(event.call);
    },
    closed: () => {
      if (--open === 0) done.resolve();
    },
  });
  if (attached.length === 0) {
    process.stderr.write(`callgate tail: ${NO_GATEWAY}\n`);
    return 1;
  }
  open += attached.length;
  if (open <= 0) return 0;
  const past = attached.flatMap(({ snapshot }) => snapshot.calls).sort((a, b) => a.time - b.time);
  const fitting = past.filter((call) => matches(call, Date.now()));
  if (lines > 0) for (const call of fitting.slice(-lines)) show(call);
  take = show;
  for (const call of early) show(call);
  attachSignals(() => done.resolve());
  await done.promise;
  for (const { close } of attached) close();
  return 0;
}
