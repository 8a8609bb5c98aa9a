/** What follows when the policy's files have been read again. */
import type { Ruleset } from "../judging/ruleset.ts";
import type { Gateway } from "./gateway.ts";

/**
 * Records it, says it, tells agents of other tools, and in the background what the new rules would have made of the
 * last calls.
 *
 * @param before what was in force before; null where that still is
 */
export function policyRead(gateway: Gateway, before: Ruleset | null): void {
  const { problems, current } = gateway.policies;
  const { policy } = current;
  const places = problems.map((p) => ({ ...p, text: `${p.file}:${p.line}:${p.col} ${p.message}` }));
  gateway.record({
    kind: "reload",
    policy: policy.hash,
    ok: problems.length === 0,
    problems: places.map(({ text }) => text),
  });
  for (const { text, help } of places)
    gateway.log("error", `${text} (help: ${help}); the last good policy decides`);
  if (problems.length === 0)
    gateway.log("info", `policy ${before === null ? "mended" : "reloaded"}: ${policy.rules} rules`);
  if (before !== null) {
    const relisted = listers(before).join() !== listers(current).join();
    gateway.toolsChanged((catalog) => relisted || catalog.differs(before.policy, policy));
    warnOfUngoverned(gateway);
  }
  gateway.tellScreens("policy");
  if (before !== null) decideAgain(gateway).catch((error: Error) => gateway.log("error", error.message));
}

/** A server that no file is for is one whose every call is allowed: seldom what was meant. */
export function warnOfUngoverned(gateway: Gateway): void {
  for (const { name } of gateway.upstreams) {
    if (gateway.policy().governs(name)) continue;
    gateway.warn(
      `no policy is for the server ${JSON.stringify(name)}, so all its calls are allowed: ` +
        "name it in a file's `servers:`, or give it the name that stands there with --name",
    );
  }
}

/** The plugins that lists of tools are shown to. */
const listers = ({ seats }: Ruleset): string[] =>
  seats.flatMap(({ plugin }) => (plugin.has("onTools") ? [plugin.hash] : []));

async function decideAgain(gateway: Gateway): Promise<void> {
  const { RECENT, whatIf } = await import("./views/what-if.ts");
  const ruleset = gateway.ruleset();
  const stale = () => gateway.ruleset() !== ruleset;
  const found = await whatIf(gateway.history.last(RECENT), ruleset, stale);
  if (found === null) return;
  gateway.whatIf = { ...found, under: "the policy in force", time: gateway.clock() };
  gateway.tellScreens({ type: "whatIf", whatIf: gateway.whatIf });
}
