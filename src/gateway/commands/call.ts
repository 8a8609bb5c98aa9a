/** Calling a tool as the operator. */
import { setTimeout as sleep } from "node:timers/promises";
import type { CallDetail } from "../../control/protocol.ts";
import type { Gateway } from "../gateway.ts";
import type { CallEntry } from "../history/call-entry.ts";
import type { Run } from "./command.ts";
import { toolAndArguments } from "./tools.ts";

/** How long the command waits for the call to end, in ms; the call itself may take longer. */
const WAIT_MS = 8_000;
const STEP_MS = 20;
/** Calls among which the operator's is looked for. */
const LOOKED_THROUGH = 1_000;
/** Most calls of operators at a time: each has a session of its own. */
const MAX_OWN = 16;

/** Gives the call as it is once it has ended or is held, or after a while. */
export const call: Run = async (gateway, argument): Promise<CallDetail> => {
  const { upstream, tool, args } = toolAndArguments(gateway, argument);
  if (gateway.own.size >= MAX_OWN)
    throw new Error(`${MAX_OWN} calls of operators are still open: wait for one, or deny one that is held.`);
  gateway.operator.note(`call ${upstream}/${tool}`);
  const { OwnSession } = await import("../operator/own-session.ts");
  const parts = { id: gateway.sessionId(), upstream, connect: gateway.reach(upstream), gate: gateway };
  const session = await OwnSession.open(parts);
  gateway.own.add(session);
  const over = () => {
    gateway.own.delete(session);
    void session.close();
  };
  try {
    if (!gateway.catalog(upstream).lists(tool)) await session.list();
  } catch (error) {
    over();
    throw error;
  }
  const failed: { error: Error | null } = { error: null };
  const ended = session.call(tool, args).then(
    () => sleep(STEP_MS), // what came of it is remembered right after the answer
    (error: Error) => {
      failed.error = error;
    },
  );
  void ended.finally(over);
  const made = () => ofSession(gateway, session.id);
  const until = Date.now() + WAIT_MS;
  let done = false;
  void ended.then(() => {
    done = true;
  });
  while (!done && made()?.verdict !== "ask" && Date.now() < until) await sleep(STEP_MS);
  const detail = gateway.history.detail(made()?.id ?? "");
  if (detail === null) throw failed.error ?? new Error("The call came to nothing: see the gateway's log.");
  return detail;
};

function ofSession({ history }: Gateway, session: string): CallEntry | undefined {
  return history.last(LOOKED_THROUGH).findLast(({ call }) => call.session === session);
}
