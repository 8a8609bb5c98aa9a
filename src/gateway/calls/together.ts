import { soon } from "../../judging/soon.ts";
import type { Judgement } from "./judgement.ts";

/**
 * The judgements of one request that asks for several things (the resources of a `subscriptions/listen`), as one:
 * it goes on when all of them may, each is asked about, and what is refused takes back what the others reserved.
 */
export function together(all: readonly [Judgement, ...Judgement[]]): Judgement {
  const [first] = all;
  if (all.length === 1) return first;
  const lead =
    all.find(({ decision }) => decision.verdict === "deny") ??
    all.find(({ decision }) => decision.verdict === "ask") ??
    first;
  const others = all.filter((each) => each !== lead);
  const drop = () => {
    for (const each of others) each.drop("Another part of the request was refused.");
  };
  if (lead.decision.verdict === "deny") drop();
  return {
    id: lead.id,
    decision: lead.decision,
    edited: lead.edited,
    restore: (edited) => lead.restore(edited),
    approve: (edited, withdrawn) =>
      soon(lead.approve(edited, withdrawn), (approved) => together([approved, ...others])),
    rehearse: (edited) => lead.rehearse(edited),
    reject(answer, message) {
      drop();
      return lead.reject(answer, message);
    },
    revoke(reason) {
      for (const each of others) each.revoke(reason);
      return lead.revoke(reason);
    },
    drop(reason) {
      for (const each of all) each.drop(reason);
    },
    left() {
      for (const each of all) each.left();
    },
    // What `results:` say is about tools, of which one is called at a time.
    handed: (response, text) => lead.handed(response, text),
    answered(response, frame) {
      for (const each of all) each.answered(response, frame);
    },
    cancelled() {
      for (const each of all) each.cancelled();
    },
    lost() {
      for (const each of all) each.lost();
    },
  };
}
