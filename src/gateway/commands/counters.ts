/** What an operator makes counters stand at. */
import { countersNamed, shortestNames } from "../../control/counter-names.ts";
import { counterId } from "../../policy/counters/counters.ts";
import { DECIMAL_RULES, decimalFromText, formatMicros } from "../../policy/counters/decimal.ts";
import { windowText } from "../../policy/counters/window.ts";
import type { CounterValue } from "../../state/store.ts";
import { windowToText } from "../../state/window-text.ts";
import type { Gateway } from "../gateway.ts";
import type { Run } from "./command.ts";

/** Counters among which a name is looked for. */
const MOST_COUNTERS = 10_000;
/** Most names of counters told. */
const MOST_NAMES = 30;

export const reset: Run = (gateway, name) => standAt(gateway, `reset ${name}`, name, 0n);

export const set: Run = (gateway, argument) => {
  const [, name = "", text = ""] = /^([\s\S]*\S)\s+(\S+)$/.exec(argument) ?? [];
  const value = decimalFromText(text);
  if (typeof value !== "bigint")
    throw new Error(`${text}: ${DECIMAL_RULES[value]}. Expected a value such as 0 or 12.50.`);
  return standAt(gateway, `set ${argument}`, name, value);
};

function standAt(gateway: Gateway, command: string, name: string, value: bigint): string {
  const { store, turn, audit } = gateway;
  const counter = counterNamed(name, store.list(gateway.clock(), MOST_COUNTERS));
  const { upstream, scope, counter: own, window, partition } = counter;
  const need = { ...counter, id: counterId(upstream, scope, own, window, partition), add: 0n };
  const at = gateway.clock();
  const before = store.set(need, value, at);
  store.commit();
  try {
    audit.append({
      kind: "operator",
      command,
      counter: {
        upstream,
        scope,
        counter: own,
        window: windowToText(window),
        partition,
        at,
        before: formatMicros(before),
        after: formatMicros(value),
      },
    });
  } catch (error) {
    store.set(need, before, at); // What cannot be recorded is not done.
    store.commit();
    throw error;
  } finally {
    turn.flush();
  }
  return `${name} is ${formatMicros(value)}; it was ${formatMicros(before)}`;
}

/** @throws Error naming those there are */
function counterNamed(name: string, values: readonly CounterValue[]): CounterValue {
  const named = values.map((value) => ({ ...value, window: windowText(value.window), value }));
  const found = countersNamed(name, named);
  const [only, other] = found;
  if (only === undefined) {
    const those = shortestNames(named).slice(0, MOST_NAMES).join(", ");
    throw new Error(
      `There is no counter ${name}${those === "" ? ": nothing has been counted yet." : `; these are: ${those}.`}`,
    );
  }
  if (other !== undefined)
    throw new Error(
      `${found.length} counters are called ${name}: which one? ${shortestNames(found).slice(0, MOST_NAMES).join(", ")}.`,
    );
  return only.value;
}
