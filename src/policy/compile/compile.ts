import { createHash } from "node:crypto";
import { CounterPool } from "../counters/counters.ts";
import type { Named, Policy } from "../plan.ts";
import { RECORDINGS, type Recording } from "../schema/policy-file.ts";
import type { SourceFile } from "../source/parse.ts";
import { compileFile, type FilePlan } from "./compile-file.ts";
import { PlanCache } from "./plan-cache.ts";
import { hiddenRequest, requestPlan } from "./request-plan.ts";
import { classesBy, contentPlan, hiddenBy, resultPlan, toolPlan } from "./tool-plan.ts";

export type { Plan, Policy } from "../plan.ts";

/** Which files only watch: those that say so, or whatever they say all or none. */
export type ModeOverride = "as written" | "all shadow" | "all enforced";

/** Compiles valid files into one policy. All must allow a call: every file's rules apply. */
export function compile(sources: readonly SourceFile[], mode: ModeOverride = "as written"): Policy {
  const files = compileFiles(sources, mode);
  const governing = (upstream: string) => files.filter((file) => file.governs(upstream));
  const enforced = (upstream: string) => governing(upstream).filter((file) => !file.shadow);
  const plans = {
    tool: new PlanCache((named) => toolPlan(named, governing(named.upstream))),
    resource: new PlanCache((named) => requestPlan("resource", named.tool, governing(named.upstream))),
    prompt: new PlanCache((named) => requestPlan("prompt", named.tool, governing(named.upstream))),
  };
  const resultPlans = new PlanCache((named) => resultPlan(named, governing(named.upstream)));
  const contentPlans = new PlanCache((named) => contentPlan(governing(named.upstream)));
  // A gateway has a handful of upstreams.
  const recordings = new Map<string, Recording>();
  return {
    recording(upstream) {
      const known = recordings.get(upstream) ?? recordingOf(governing(upstream));
      recordings.set(upstream, known);
      return known;
    },
    hash: hashOf(sources.map((source) => source.text)),
    files: sources.map((source) => source.name),
    rules: files.reduce((sum, file) => sum + file.rules, 0),
    limits: files.flatMap((file) => file.limits),
    plugins: files.flatMap((file) => file.plugins),
    governs: (upstream) => governing(upstream).length > 0,
    plan: (named) => plans[named.kind ?? "tool"].get(named),
    resultPlan: (named) => (isOfTool(named) ? resultPlans : contentPlans).get(named),
    judgesResults: (upstream) => governing(upstream).some((file) => file.judgesResults),
    hidden(tool, upstream, annotations) {
      const files = enforced(upstream);
      return hiddenBy(tool, files, classesBy(tool, annotations, files)) !== null;
    },
    hiddenResource: (uri, upstream) => hiddenRequest("resource", uri, enforced(upstream)) !== null,
    hiddenPrompt: (name, upstream) => hiddenRequest("prompt", name, enforced(upstream)) !== null,
  };
}

const isOfTool = ({ kind }: Named): boolean => kind === undefined || kind === "tool";

function recordingOf(files: readonly FilePlan[]): Recording {
  const said = files.flatMap(({ recording }) => recording ?? []);
  return RECORDINGS.findLast((each) => said.includes(each)) ?? "masked";
}

function compileFiles(sources: readonly SourceFile[], mode: ModeOverride): FilePlan[] {
  const watches = ({ data, routes }: SourceFile) =>
    mode === "all shadow" ||
    (mode === "as written" && (data.mode === "shadow" || routes.every((route) => route.shadow)));
  const pool = new CounterPool();
  const compiled = new Map<SourceFile, FilePlan>();
  // The counters of enforced files come first, for the others to see them.
  for (const shadow of [false, true]) {
    for (const source of sources) {
      if (watches(source) === shadow) compiled.set(source, compileFile(source, pool, shadow));
    }
  }
  return sources.flatMap((source) => compiled.get(source) ?? []);
}

function hashOf(texts: readonly string[]): string {
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const hashes = texts.map(sha256);
  const [only] = hashes;
  return hashes.length === 1 && only !== undefined ? only : sha256(hashes.join("\n"));
}
