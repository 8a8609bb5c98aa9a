import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Example {
  /** The heading it stands under. */
  readonly heading: string;
  /** 1-based line in the document. */
  readonly line: number;
  readonly text: string;
}

/** The YAML examples of a document; one without a version is part of a policy, and gets one. */
export function examplesIn(path: string): Example[] {
  const lines = readFileSync(join(import.meta.dirname, "../..", path), "utf8").split("\n");
  const examples: Example[] = [];
  let heading = "";
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    if (line.startsWith("#")) heading = line.replace(/^#+ /, "");
    if (line !== "```yaml") continue;
    const end = lines.indexOf("```", i);
    const text = lines.slice(i + 1, end).join("\n");
    examples.push({ heading, line: i + 1, text: /^version:/m.test(text) ? text : `version: "1"\n${text}` });
    i = end;
  }
  return examples;
}
