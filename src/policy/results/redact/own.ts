import { RE2JS } from "re2js";
import type { Detector, Match } from "./match.ts";

/** What a policy's own pattern matches. RE2: linear time whatever the pattern and the text. */
export function own(regex: string, what: string): Detector {
  const pattern = RE2JS.compile(regex);
  return (text) => {
    const matcher = pattern.matcher(text);
    const found: Match[] = [];
    while (matcher.find()) {
      const [start, end] = [matcher.start(), matcher.end()];
      if (end > start) found.push({ start, end, what });
    }
    return found;
  };
}
