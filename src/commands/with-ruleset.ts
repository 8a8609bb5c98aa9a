import { type LoadedRuleset, RulesetLoader, type RulesetSources } from "../judging/load-ruleset.ts";
import { sanitize } from "../sanitize.ts";
import { printProblems } from "./problems.ts";

type Loaded = Extract<LoadedRuleset, { ok: true }>;

/**
 * Does something with policies and their plugins, whose host ends with it. What plugins log goes to stderr.
 *
 * @returns the exit code: 1 where there are problems, which are printed; else what `work` returns
 */
export async function withRuleset(
  from: RulesetSources,
  out: { write(text: string): void },
  work: (loaded: Loaded, loader: RulesetLoader) => number | Promise<number>,
): Promise<number> {
  const tell = (text: string) => process.stderr.write(`${sanitize(text)}\n`);
  const loader = new RulesetLoader({
    log: (level, text) => void (level !== "info" && tell(text)),
    onPluginLines: (plugin, lines) => {
      for (const line of lines) tell(`plugin ${plugin}: ${line}`);
    },
  });
  try {
    const loaded = await loader.load(from);
    return loaded.ok ? await work(loaded, loader) : printProblems(loaded.problems, out);
  } finally {
    loader.close();
  }
}
