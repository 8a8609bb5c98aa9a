/** What servers of all kinds may take a received line for, and whether any of it is a call that the policy denies. */
import { CAP } from "./corpus.ts";
import { type Lenient, Members, readLeniently } from "./lenient.ts";

/** Where readers end a line: at a line feed, as Python's universal newlines do, as its `splitlines` does. */
const LINE_ENDS = [/\n/, /\r\n|\r|\n/, /[\n\r\v\f\x1c-\x1e\u0085\u2028\u2029]/];

/** How readers find a key: as it is or without regard to case (Go), the first of two or the last. */
const exact = (key: string) => key;
const caseless = (key: string) => key.toUpperCase().toLowerCase();
const FINDERS = [exact, caseless].flatMap((fold) =>
  (["find", "findLast"] as const).map(
    (which) => (object: Lenient | undefined, key: string) =>
      object instanceof Members ? object.all[which](([name]) => fold(name) === fold(key))?.[1] : undefined,
  ),
);
type Find = (typeof FINDERS)[number];

/** Why some server would take what it received for a call that the policy denies; null where none would. */
export function smuggled(received: string): string | null {
  for (const [n, end] of LINE_ENDS.entries()) {
    for (const line of received.split(end)) {
      for (const value of readLeniently(line).flat()) {
        for (const [m, find] of FINDERS.entries()) {
          const why = deniedCall(value, find);
          if (why !== null) return `${why} (line ends ${n}, keys ${m}) in ${JSON.stringify(line)}`;
        }
      }
    }
  }
  return null;
}

const folded = (name: string) => caseless(name.normalize("NFKC")).trim();

function deniedCall(message: Lenient, find: Find): string | null {
  const method = find(message, "method");
  if (typeof method !== "string" || folded(method) !== "tools/call") return null;
  const params = find(message, "params");
  const name = find(params, "name");
  if (typeof name !== "string") return null;
  const tool = folded(name.replace(/\p{Default_Ignorable_Code_Point}/gu, ""));
  if (tool === "delete_everything" || tool.startsWith("internal_")) return `a call of ${tool}`;
  if (tool !== "create_charge") return null;
  if (name !== tool) return `a call of ${JSON.stringify(name)}`;
  const amount = find(find(params, "arguments"), "amount");
  return Number(amount) <= CAP ? null : `create_charge with the amount ${JSON.stringify(amount)}`;
}
