import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as z from "zod";

const ROOT = resolve(import.meta.dirname, "../..");
const SUITE = join(ROOT, "node_modules/@modelcontextprotocol/conformance/dist/index.js");

const checks = z.array(z.object({ id: z.string(), status: z.string(), errorMessage: z.string().optional() }));
/** Statuses that are a verdict, best first. */
const VERDICTS = ["SUCCESS", "SKIPPED", "WARNING", "FAILURE"];

/** What became of one check of a scenario. */
export interface Verdict {
  readonly status: string;
  readonly message: string;
}

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
        verdicts(readFileSync(join(dir, name, "checks.json"), "utf8")),
      ]),
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function verdicts(json: string): Map<string, Verdict> {
  const all = new Map<string, Verdict>();
  for (const { id, status, errorMessage = "" } of checks.parse(JSON.parse(json))) {
    if (!VERDICTS.includes(status)) continue;
    let key = id;
    for (let n = 2; all.has(key); n++) key = `${id} ${n}`;
    all.set(key, { status, message: errorMessage });
  }
  return all;
}

export interface Difference {
  readonly scenario: string;
  readonly check: string;
  readonly was: string;
  readonly is: string;
  readonly message: string;
  readonly worse: boolean;
}

/** Checks that came out otherwise than before. */
export function differences(before: Outcome, after: Outcome): Difference[] {
  const scenarios = new Set([...before.keys(), ...after.keys()]);
  return [...scenarios].flatMap((scenario) => {
    const [old, now] = [before.get(scenario), after.get(scenario)];
    return [...new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])].flatMap((check) => {
      const was = old?.get(check)?.status ?? "absent";
      const is = now?.get(check)?.status ?? "absent";
      if (was === is) return [];
      const worse = is === "absent" || VERDICTS.indexOf(is) > VERDICTS.indexOf(was);
      return [{ scenario, check, was, is, message: now?.get(check)?.message ?? "", worse }];
    });
  });
}

export function count(outcome: Outcome): { passed: number; failed: number } {
  const all = [...outcome.values()].flatMap((scenario) => [...scenario.values()]);
  const of = (status: string) => all.filter((verdict) => verdict.status === status).length;
  return { passed: of("SUCCESS"), failed: of("FAILURE") };
}
