import { fieldsOf } from "../../control/filter/fields-of.ts";
import { type Matcher, matcher } from "../../control/filter/match.ts";
import { type Mistake, parseFilter } from "../../control/filter/parse.ts";
import type { CallView } from "../../control/protocol.ts";
import type { Policy } from "../../policy/plan.ts";
import type { Call, Decision } from "../../policy/types.ts";

/** Most filters at a time. */
const MAX_FILTERS = 50;
/** What is not known before a call has gone out. */
const TOO_LATE: readonly string[] = ["ms", "outcome", "since"];

interface Watched {
  readonly text: string;
  readonly matches: Matcher;
}

/** The calls that an operator wants to see before they go on, as filters. */
export class WatchedCalls {
  readonly #filters = new Map<string, Watched>();

  /** @throws Error saying what is wrong with the filter, and where */
  add(text: string): void {
    const parsed = parseFilter(text);
    if (!parsed.ok) throw new Error(pointedOut(text, parsed.mistake));
    const { filter } = parsed;
    if (filter === null) throw new Error("hold needs a filter, as in hold tool:create_* arg.amount>500.");
    const late = fieldsOf(filter).find((field) => TOO_LATE.includes(field));
    if (late !== undefined) throw new Error(`A call is held before it has any ${late}: use other fields.`);
    if (this.#filters.size >= MAX_FILTERS) throw new Error(`There are ${MAX_FILTERS} already: resume some.`);
    this.#filters.set(text, { text, matches: matcher(filter) });
  }

  /**
   * @param text one of them, or "" for all
   * @returns those that are gone
   * @throws Error where there is none such
   */
  remove(text: string): string[] {
    const gone = text === "" ? this.list() : this.list().filter((each) => each === text);
    if (gone.length === 0) {
      const those = this.list().map((each) => JSON.stringify(each));
      throw new Error(
        those.length === 0
          ? "No filter holds calls: hold FILTER does."
          : `Not one of them: ${those.join(", ")}.`,
      );
    }
    for (const each of gone) this.#filters.delete(each);
    return gone;
  }

  list(): string[] {
    return [...this.#filters.keys()];
  }

  /** The first filter that names the call; null where none does. */
  naming(call: Call, decision: Decision, policy: Policy): string | null {
    if (this.#filters.size === 0) return null;
    const view = viewOf(call, decision, policy);
    for (const { text, matches } of this.#filters.values()) if (matches(view, call.time)) return text;
    return null;
  }
}

/** The call as filters know calls, with all of its arguments. */
function viewOf(call: Call, { verdict, rule, message, would }: Decision, policy: Policy): CallView {
  const { time, agent, session, upstream, tool } = call;
  const text = JSON.stringify(call.args);
  return {
    id: "",
    time,
    agent,
    session,
    upstream,
    tool,
    classes: [...policy.plan(call).classes],
    arguments: text,
    verdict,
    rule,
    message,
    would,
    outcome: null,
    ms: null,
  };
}

function pointedOut(text: string, { start, end, message }: Mistake): string {
  return `${message}\n  ${text}\n  ${" ".repeat(start)}${"^".repeat(Math.max(1, end - start))}`;
}
