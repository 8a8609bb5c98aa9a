import type { CounterView } from "./protocol.ts";

export type NamedCounter = Pick<CounterView, "upstream" | "scope" | "counter" | "window" | "partition">;

/**
 * What a counter can be called, the shortest first: `create_charge.spend`, and where that is not enough with its
 * server, partition and window: `payments/create_charge.spend[agent="claude"]@day`.
 */
export function namesOf({ upstream, scope, counter, window, partition }: NamedCounter): string[] {
  const own = `${scope}.${counter}`;
  const names = [own];
  if (partition !== "") names.push(...names.map((name) => `${name}[${partition}]`));
  names.push(...names.map((name) => `${name}@${window}`));
  if (upstream !== "") names.push(...names.map((name) => `${upstream}/${name}`));
  return names;
}

/** The shortest name of each that no other one has. */
export function shortestNames(counters: readonly NamedCounter[]): string[] {
  const all = counters.map(namesOf);
  const having = new Map<string, number>();
  for (const name of all.flat()) having.set(name, (having.get(name) ?? 0) + 1);
  return all.map((names) => names.find((name) => having.get(name) === 1) ?? names.at(-1) ?? "");
}

/** The counters that have this name. */
export function countersNamed<T extends NamedCounter>(name: string, counters: readonly T[]): T[] {
  return counters.filter((each) => namesOf(each).includes(name));
}
