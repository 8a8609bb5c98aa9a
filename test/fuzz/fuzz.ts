/**
 * Feeds the gateway frames made wrong and looks for crashes, hangs, growing memory and calls that the policy
 * denies among what servers received: `npm run fuzz -- [--seconds 60] [--seed N]`.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { POLICY } from "./corpus.ts";
import { mutant } from "./mutate.ts";
import { Random } from "./random.ts";
import { smuggled } from "./readers.ts";
import { httpTarget, stdioTarget, type Target } from "./targets.ts";

/** Frames sent before it is looked at what came of them. */
const BATCH = 64;
/** MiB that no gateway may reach: without a leak they settle well below. */
const CEILING = 400;

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "60" }, seed: { type: "string" } },
});
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const until = Date.now() + Number(values.seconds) * 1_000;
console.log(`fuzz: ${values.seconds} s, --seed ${seed}`);

const dir = mkdtempSync(join(tmpdir(), "callgate-fuzz-"));
const policy = join(dir, "policy.yaml");
writeFileSync(policy, POLICY);

async function run(target: Target, random: Random): Promise<void> {
  let frames: Buffer[] = [];
  try {
    let batches = 0;
    for (; Date.now() < until || batches === 0; batches++) {
      frames = Array.from({ length: BATCH }, () => mutant(random));
      await target.feed(frames);
      const why = smuggled(target.received());
      if (why !== null) throw new Error(`smuggled: ${why}`);
      if (target.memory() > CEILING) throw new Error(`memory grew to ${Math.round(target.memory())} MiB`);
    }
    console.log(`${target.name}: ${batches * BATCH} frames, ${Math.round(target.memory())} MiB`);
  } catch (error) {
    const file = join(tmpdir(), `callgate-fuzz-${seed}.json`);
    const told = frames.map((frame) => ({ text: frame.toString("utf8"), base64: frame.toString("base64") }));
    writeFileSync(file, JSON.stringify({ target: target.name, seed, frames: told }, null, 1));
    throw new Error(`${target.name}, --seed ${seed}: ${error}\nThe last ${BATCH} frames are in ${file}`);
  }
}

const targets = await Promise.all([
  stdioTarget(dir, policy),
  httpTarget(dir, policy, "stdio"),
  httpTarget(dir, policy, "HTTP"),
]);
try {
  await Promise.all(targets.map((target, n) => run(target, new Random(seed + n))));
  console.log("nothing found");
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
} finally {
  await Promise.all(targets.map((target) => target.close()));
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
}
