import type { Plan, Refusal } from "../plan.ts";
import { only } from "../tools/classes.ts";
import type { FilePlan } from "./compile-file.ts";
import { nearMiss } from "./near-miss.ts";
import { notExact, notListed, usesOf } from "./tool-plan.ts";

type Kind = "resource" | "prompt";
const NOUNS = { resource: "Resource", prompt: "Prompt" } as const;

/** What files that govern an upstream say of requests for a resource (by URI) or a prompt (by name). */
export function requestPlan(kind: Kind, name: string, files: readonly FilePlan[]): Plan {
  // To ask for one is to read.
  const classes = { classes: only("read"), shadowClasses: only("read") };
  const refusal = refusalOf(
    kind,
    name,
    files.filter((file) => !file.shadow),
  );
  if (refusal !== null) return { refusal, shadowRefusal: null, rules: [], counters: [], ...classes };
  const shadowRefusal = refusalOf(
    kind,
    name,
    files.filter((file) => file.shadow),
  );
  const rules = files.flatMap((file) => file[kind].rulesFor(name));
  return { refusal, shadowRefusal, rules, counters: usesOf(rules), ...classes };
}

export function hiddenRequest(kind: Kind, name: string, files: readonly FilePlan[]): Refusal | null {
  for (const file of files) {
    const rule = file[kind].hides(name);
    if (rule !== null) return { rule, message: `${NOUNS[kind]} ${JSON.stringify(name)} is not available` };
  }
  return null;
}

function refusalOf(kind: Kind, name: string, files: readonly FilePlan[]): Refusal | null {
  for (const file of files) {
    const unsure = file[kind].unsure(name);
    if (unsure === null) continue;
    return { rule: unsure.rule, message: `${NOUNS[kind]} ${JSON.stringify(name)} is refused: ${unsure.why}` };
  }
  const hidden = hiddenRequest(kind, name, files);
  if (hidden !== null) return hidden;
  const other = nearMiss(
    name,
    files.map((file) => file[kind].mentions),
  );
  if (other !== null) return notExact(NOUNS[kind], name, other);
  for (const { closed, [kind]: requests } of files) {
    if (closed === null || requests.lists(name)) continue;
    return { rule: closed, message: notListed(NOUNS[kind], name) };
  }
  return null;
}
