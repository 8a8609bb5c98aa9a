import type { Json, Plugin } from "callgate/plugin";
import { asWords, INTENTS, type Intent, plain } from "./lib/intents.ts";

interface Config {
  readonly deny: readonly Intent[];
  readonly ask: readonly Intent[];
}

const ALL = Object.keys(INTENTS) as Intent[];
/** Longest part of a text that is looked at, and shown around what was found. */
const LONGEST = 20_000;
const SHOWN = 80;

/**
 * Tells what a call is out to do from the words of the tool's name and of all argument names and values, however
 * deep. The same call is always told the same; what gave it away is in the trace. Words can be avoided: this finds
 * the agent that means no harm and does some, not the one that hides.
 */
export default {
  name: "intent",
  description: "Denies or asks by what a call is out to do, by its words",
  config: {
    deny: { type: "array", items: { type: "string", enum: ALL }, default: ALL, description: ALL.join(", ") },
    ask: { type: "array", items: { type: "string", enum: ALL }, default: [], description: ALL.join(", ") },
  },

  onCall(call, ctx) {
    const found = new Map<Intent, Record<string, string>>();
    const look = (text: string, where: string) => {
      for (const intent of ALL) {
        for (const pattern of INTENTS[intent]) {
          const match = pattern.exec(text);
          if (match === null) continue;
          const evidence = found.get(intent) ?? {};
          found.set(intent, { ...evidence, [where]: match[0].slice(0, SHOWN) });
          break;
        }
      }
    };
    const search = (value: Json, where: string): void => {
      if (typeof value === "string") return look(plain(value.slice(0, LONGEST)), where);
      if (typeof value !== "object" || value === null) return;
      for (const [key, each] of Object.entries(value)) {
        const inside = Array.isArray(value) ? `${where}[${key}]` : `${where}.${key}`;
        if (!Array.isArray(value)) {
          // `{ role: "admin" }` says what neither of the two says alone.
          const pair =
            typeof each === "string" || typeof each === "boolean" ? `: ${plain(String(each))}` : "";
          look(`${asWords(key)}${pair.slice(0, LONGEST)}`, inside);
        }
        search(each, inside);
      }
    };
    look(asWords(call.tool), "tool");
    search(call.args, "args");

    for (const intent of ALL) {
      const evidence = found.get(intent);
      if (evidence === undefined) continue;
      if (ctx.config.deny.includes(intent)) return ctx.deny(`This looks like ${intent}`, evidence);
    }
    for (const intent of ALL) {
      const evidence = found.get(intent);
      if (evidence !== undefined && ctx.config.ask.includes(intent))
        return ctx.ask(`This looks like ${intent}`, evidence);
    }
  },
} satisfies Plugin<Config>;
