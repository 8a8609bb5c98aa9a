import { cards } from "./cards.ts";
import { emails } from "./emails.ts";
import type { Detector } from "./match.ts";
import { named } from "./named.ts";
import { own } from "./own.ts";
import { shapes } from "./shapes.ts";

export const DETECTORS = {
  secrets: [shapes, named],
  emails: [emails],
  cards: [cards],
} as const satisfies Record<string, readonly Detector[]>;

export type DetectorName = keyof typeof DETECTORS;

/** An item of `redact:`. */
export type RedactText = DetectorName | { readonly regex: string; readonly name: string };

export function compileDetectors(items: readonly RedactText[]): readonly Detector[] {
  return items.flatMap((item): readonly Detector[] =>
    typeof item === "string" ? DETECTORS[item] : [own(item.regex, item.name)],
  );
}
