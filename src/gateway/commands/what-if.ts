/** What other rules would have made of the last calls. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { WhatIf } from "../../control/protocol.ts";
import type { Gateway } from "../gateway.ts";
import { RECENT, whatIf } from "../views/what-if.ts";
import type { Run } from "./command.ts";

/** Under a draft, in place of all files in force. */
export const underDraft: Run = (gateway, file): Promise<WhatIf> => {
  const path = resolve(gateway.view.cwd, file);
  if (!existsSync(path))
    throw new Error(`${path} is not there: whatif FILE takes a policy or a folder of them.`);
  return under(gateway, [path], file, RECENT);
};

/** Under the files on disk, whether or not they are in force. */
export const replay: Run = (gateway, count): Promise<WhatIf> => {
  const wanted = count === "" ? RECENT : Number(count);
  if (!Number.isInteger(wanted) || wanted < 1)
    throw new Error("Expected replay, or replay and how many calls.");
  return under(gateway, null, "the files on disk", wanted);
};

async function under(
  gateway: Gateway,
  paths: readonly string[] | null,
  name: string,
  count: number,
): Promise<WhatIf> {
  const { policies, history } = gateway;
  const draft = await policies.draft(paths);
  if (!draft.ok) {
    const [p] = draft.problems;
    const more = draft.problems.length > 1 ? ` (and ${draft.problems.length - 1} more)` : "";
    throw new Error(
      p === undefined
        ? "nothing is there"
        : `${p.file}:${p.line}:${p.col} ${p.message} (help: ${p.help})${more}`,
    );
  }
  try {
    const found = await whatIf(history.last(count), draft.ruleset);
    if (found === null) throw new Error("The gateway is ending.");
    return { ...found, under: name, time: gateway.clock() };
  } finally {
    await policies.dismiss(draft.ruleset);
  }
}
