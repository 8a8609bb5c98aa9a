import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as z from "zod";

const ROOT = resolve(import.meta.dirname, "../..");
const SUITE = join(ROOT, "node_modules/@modelcontextprotocol/conformance/dist/index.js");

const checks = z.array(
  z.object({
    id: z.string(),
    status: z.enum(["SUCCESS", "INFO", "SKIPPED", "WARNING", "FAILURE"]),
    errorMessage: z.string().optional(),
    details: z.looseObject({ message: z.string().optional() }).optional().catch(undefined),
  }),
);
type Status = z.infer<typeof checks>[number]["status"] | "ABSENT";
/** From good to bad; INFO and SKIPPED say that a check did not apply. */
const RANK: Record<Status, number> = { SUCCESS: 0, INFO: 1, SKIPPED: 1, ABSENT: 2, WARNING: 3, FAILURE: 4 };

/** What became of one check of a scenario. */
export interface Verdict {
  readonly status: Status;
  readonly message: string;
}
const ABSENT: Verdict = { status: "ABSENT", message: "the check was not made" };

/** Verdicts by check, by scenario; a check made several times has a number after its name. */
export type Outcome = ReadonlyMap<string, ReadonlyMap<string, Verdict>>;

/** Runs the official suite's server scenarios of a revision against a URL. */
export async function runSuite(url: string, revision: string): Promise<Outcome> {
  const dir = mkdtempSync(join(tmpdir(), "callgate-conformance-"));
  try {
    const args = [SUITE, "server", "--url", url, "--requirements", revision, "--output-dir", dir];
    const suite = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"], cwd: dir });
    await once(suite, "close"); // its exit code says no more than its files
    return new Map(
      readdirSync(dir).map((name) => [
        name.replace(/^server-(.*)-\d{4}-\d\d-\d\dT[\d-]+Z$/, "$1"),
        verdicts(join(dir, name, "checks.json")),
      ]),
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The verdicts in a file; none where the scenario broke off before it wrote one. */
function verdicts(file: string): Map<string, Verdict> {
  const all = new Map<string, Verdict>();
  if (!existsSync(file)) return all;
  for (const { id, status, errorMessage, details } of checks.parse(JSON.parse(readFileSync(file, "utf8")))) {
    let key = id;
    for (let n = 2; all.has(key); n++) key = `${id} (${n})`;
    all.set(key, { status, message: errorMessage ?? details?.message ?? "" });
  }
  return all;
}

/** A check that came out otherwise than before: worse, better, or moot where it did not apply any more. */
export interface Difference {
  readonly kind: "worse" | "moot" | "better";
  readonly scenario: string;
  readonly check: string;
  readonly was: Status;
  readonly is: Verdict;
}

export function differences(before: Outcome, after: Outcome): Difference[] {
  const found: Difference[] = [];
  for (const scenario of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(scenario), after.get(scenario)];
    for (const check of new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])) {
      const was = old?.get(check)?.status ?? "ABSENT";
      const is = now?.get(check) ?? ABSENT;
      const [from, to] = [RANK[was], RANK[is.status]];
      // Notes of what was sent and received are no checks: they come and go.
      if (from === to || (was === "INFO" && is === ABSENT) || (was === "ABSENT" && to <= 1)) continue;
      found.push({ kind: to < from ? "better" : to === 1 ? "moot" : "worse", scenario, check, was, is });
    }
  }
  return found;
}

/** How many checks passed and failed, and which scenarios have one that failed. */
export function count(outcome: Outcome): { passed: number; failed: number; failing: string[] } {
  const of = (status: Status, scenario: ReadonlyMap<string, Verdict>) =>
    [...scenario.values()].filter((verdict) => verdict.status === status).length;
  const scenarios = [...outcome];
  return {
    passed: scenarios.reduce((sum, [, scenario]) => sum + of("SUCCESS", scenario), 0),
    failed: scenarios.reduce((sum, [, scenario]) => sum + of("FAILURE", scenario), 0),
    failing: scenarios.filter(([, scenario]) => of("FAILURE", scenario) > 0).map(([name]) => name),
  };
}
