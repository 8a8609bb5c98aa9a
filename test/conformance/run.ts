/**
 * The official conformance suite against the fixture server, directly and through each pair of transports, in
 * both eras. Prints what came out otherwise through the gate; exit 1 where anything came out worse, or failed directly.
 *
 * The suite speaks only HTTP. For agents on stdio a second gateway stands in front as the bridge: an HTTP agent,
 * whose server is `callgate stdio`. What differs there and not in the first two rows is the stdio end's.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Peer } from "../e2e/peer.ts";
import { count, differences, type Outcome, runSuite } from "./suite.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const FIXTURE = [process.execPath, join(ROOT, "test/conformance/server.ts")];
const CALLGATE = [process.execPath, join(ROOT, "bin/callgate.js")];
const REVISIONS = ["2025-11-25", "2026-07-28"];

const dir = mkdtempSync(join(tmpdir(), "callgate-conformance-"));
const home = join(dir, "home");
mkdirSync(home, { mode: 0o700 });
const policy = join(dir, "allow-all.yaml");
writeFileSync(policy, 'version: "1"\n');
const started: Peer[] = [];

/** Starts a server and gives the URL at which it says that it listens. */
async function listening(command: readonly string[]): Promise<string> {
  const peer = new Peer(command, { env: { ...process.env, CALLGATE_HOME: home } });
  started.push(peer);
  const [, url = ""] = /listening on (\S+)/.exec(await peer.logged(/listening on \S+\n/)) ?? [];
  return url;
}

const gate = (...server: string[]) => listening([...CALLGATE, "serve", "-c", policy, ...server]);
const stdioGate = (...server: string[]) => gate("--", ...CALLGATE, "stdio", "-c", policy, ...server);

try {
  const overHttp = () => listening([...FIXTURE, "--http"]);
  const targets: [string, string][] = [
    ["direct", await overHttp()],
    ["HTTP agent, stdio server", await gate("--", ...FIXTURE)],
    ["HTTP agent, HTTP server", await gate("--upstream", await overHttp())],
    ["stdio agent, stdio server", await stdioGate("--", ...FIXTURE)],
    ["stdio agent, HTTP server", await stdioGate("--upstream", await overHttp())],
  ];
  for (const revision of REVISIONS) {
    let baseline: Outcome | null = null;
    // Most of the suite's time is waiting.
    const outcomes = await Promise.all(
      targets.map(async ([name, url]) => [name, await runSuite(url, revision)] as const),
    );
    for (const [name, outcome] of outcomes) {
      const { passed, failed, failing } = count(outcome);
      console.log(`${revision}  ${name.padEnd(26)} ${passed} passed, ${failed} failed`);
      if (baseline === null && (failed > 0 || passed === 0)) {
        console.log(`    the server itself fails: ${failing.join(", ")}`);
        process.exitCode = 1;
      }
      baseline ??= outcome;
      for (const { kind, scenario, check, was, is } of differences(baseline, outcome)) {
        console.log(`    ${kind}: ${scenario} / ${check}: ${was} -> ${is.status} ${is.message}`);
        if (kind === "worse") process.exitCode = 1;
      }
    }
  }
} finally {
  await Promise.all(started.map((peer) => peer.kill()));
  rmSync(dir, { recursive: true, force: true });
}
