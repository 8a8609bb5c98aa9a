/** What was before a screen came: the calls of the last day in the audit log. */
import {
  type GatewayLog,
  latestCalls,
  logsSince,
  type PastCall,
  unreadableText,
} from "../control/past/logs.ts";
import type { Store } from "./store.ts";

/** Calls read, at most: what comes live must find room beside them. */
const MOST = 5_000;
/** Calls added at a time. */
const BATCH = 250;
const DAY_MS = 86_400_000;

/** Reads on, the latest first, until it has what it wants or `closed` says that nobody looks any more. */
export async function backfill(store: Store, auditDir: string, closed: () => boolean): Promise<void> {
  const since = store.now() - DAY_MS;
  try {
    const logs = await logsSince(auditDir, since);
    let unreadable = 0;
    const batches = inBatches(
      latestCalls(logs, () => unreadable++),
      since,
    );
    for await (const batch of batches) {
      if (closed()) return;
      store.live.past(batch, (gateway) => writtenBy(logs, gateway));
      store.changed();
    }
    if (unreadable > 0) tell(store, unreadableText(unreadable, auditDir));
  } catch (error) {
    tell(store, `${auditDir} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function tell(store: Store, message: string): void {
  store.live.note(message, store.now());
  store.notice(message);
}

async function* inBatches(calls: AsyncGenerator<PastCall>, since: number): AsyncGenerator<PastCall[]> {
  let batch: PastCall[] = [];
  let all = 0;
  for await (const past of calls) {
    if (past.call.time < since || ++all > MOST) break;
    batch.push(past);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

const writtenBy = (logs: readonly GatewayLog[], gateway: string): number =>
  logs.find((log) => log.gateway === gateway)?.written ?? 0;
