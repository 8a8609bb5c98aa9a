/** An operator's changes as rules of a policy file, after a look at what that changes. */
import { randomBytes } from "node:crypto";
import { chmodSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { DraftView } from "../../control/protocol.ts";
import type { PolicyFile } from "../../policy/schema/policy-file.ts";
import { parse } from "../../policy/source/parse.ts";
import { nameMatches } from "../../policy/tools/names.ts";
import type { Gateway } from "../gateway.ts";
import { lineDiff } from "../written/line-diff.ts";
import { withRules } from "../written/rules-of.ts";
import { firstWord, type Run } from "./command.ts";

/** A text that has been shown and waits for a yes. */
interface Pending {
  readonly token: string;
  readonly file: string;
  readonly before: string;
  readonly after: string;
  readonly takeBack: readonly string[];
}

const pending = new WeakMap<Gateway, Pending>();

/** `write [FILE]` shows; `write yes TOKEN` writes just what was shown. */
export const write: Run = (gateway, argument) => {
  const [word, token] = firstWord(argument);
  return word === "yes" ? confirm(gateway, token) : show(gateway, argument);
};

function show(gateway: Gateway, named: string): DraftView {
  const file = fileOf(gateway, named);
  const before = readFileSync(file.path, "utf8");
  const { text: after, takeBack, leftOut } = withRules(before, file.name, gateway.operator.changes());
  if (takeBack.length === 0)
    throw new Error(
      leftOut.length === 0
        ? "There is nothing to write: block, allow and hold change things."
        : `${file.name} cannot say it: ${leftOut.join("; ")}.`,
    );
  const parsed = parse(after, file.name);
  if (!parsed.ok) {
    const [problem] = parsed.problems;
    throw new Error(
      `${file.name} would be wrong then: ${problem?.message ?? ""} (${problem?.help ?? ""}). Write it by hand.`,
    );
  }
  if (gateway.shadow)
    throw new Error(
      "Shadow is on: what block and hold say is enforced, and a rule would not be. First shadow off.",
    );
  const weaker = weakerBy(parsed.source.data, gateway);
  if (weaker !== null)
    throw new Error(`${file.name} ${weaker}: what is written there would do less. Name another file.`);
  const token = randomBytes(6).toString("hex");
  pending.set(gateway, { token, file: file.path, before, after, takeBack });
  return {
    file: file.name,
    diff: lineDiff(before, after),
    notes: [...leftOut],
    takeBack: [...takeBack],
    servers: parsed.source.data.servers ?? null,
    token,
  };
}

/** Why a rule of the file does less than an operator's change; null where it does as much. */
function weakerBy({ mode, servers }: PolicyFile, { upstreams }: Gateway): string | null {
  if (mode === "shadow") return "only watches (mode: shadow)";
  if (servers === undefined) return null;
  const others = upstreams.filter(({ name }) => !servers.some((pattern) => nameMatches(pattern, name)));
  return others.length === 0 ? null : `is not for ${others.map(({ name }) => name).join(", ")} (servers:)`;
}

async function confirm(gateway: Gateway, token: string): Promise<string> {
  const shown = pending.get(gateway);
  if (shown === undefined || shown.token !== token)
    throw new Error("Nothing by that token waits to be written: write shows it anew.");
  pending.delete(gateway);
  const { file, before, after, takeBack } = shown;
  if (readFileSync(file, "utf8") !== before)
    throw new Error(`${file} has changed since it was shown: write shows it anew.`);
  replace(file, after);
  gateway.operator.note(`write ${file}`);
  await gateway.policies.reload();
  const [problem] = gateway.policies.problems;
  if (problem !== undefined) {
    replace(file, before);
    await gateway.policies.reload();
    throw new Error(
      `${problem.file}:${problem.line}:${problem.col} ${problem.message}: ${file} is as it was.`,
    );
  }
  for (const command of takeBack) gateway.attempt(() => gateway.operator.takeBack(command));
  return `${file} says it now, and what it says is no longer for now only`;
}

/** Whole or not at all, with the rights it had. */
function replace(file: string, text: string): void {
  const fresh = `${file}.${process.pid}.new`;
  writeFileSync(fresh, text, { mode: 0o600, flag: "wx" });
  chmodSync(fresh, statSync(file).mode);
  renameSync(fresh, file);
}

function fileOf({ policies, view }: Gateway, named: string): { name: string; path: string } {
  const files = policies.current.policy.files.map((name) => ({ name, path: resolve(view.cwd, name) }));
  const path = resolve(view.cwd, named);
  const found = named === "" ? files : files.filter((each) => each.name === named || each.path === path);
  const [only, other] = found;
  // Where it is a link, what it leads to is written.
  if (only !== undefined && other === undefined) return { ...only, path: realpathSync(only.path) };
  const those = files.map(({ name }) => name).join(", ");
  throw new Error(
    named === ""
      ? `Which file? write FILE, one of ${those}.`
      : `${named} is not in force; these are: ${those}.`,
  );
}
