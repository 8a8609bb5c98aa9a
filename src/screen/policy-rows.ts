/** What decides, and what was read of it: policy files, plugins, and how the last readings went. */
import { resolve } from "node:path";
import type { PluginView, PolicyView, ReloadView } from "../control/protocol.ts";
import type { GatewayState } from "./gateway-state.ts";
import type { Keyed } from "./ring.ts";

type Problem = PolicyView["problems"][number];

export type PolicyRow = Keyed &
  (
    | {
        readonly kind: "file";
        readonly file: string;
        /** Folder that the file's name is from. */
        readonly cwd: string;
        readonly problems: readonly Problem[];
        readonly policy: PolicyView;
      }
    | { readonly kind: "plugin"; readonly cwd: string; readonly plugin: PluginView }
    | { readonly kind: "reload"; readonly files: readonly string[]; readonly reload: ReloadView }
  );

/** What needs a person, then files, plugins, and readings, the last one first. Gateways under the same files are as one. */
export function policyRows(gateways: readonly GatewayState[]): PolicyRow[] {
  const running = gateways.filter(({ endedAt }) => endedAt === null);
  const alike = Map.groupBy(running.length > 0 ? running : gateways, ({ view, policy }) =>
    policy.files.map((file) => resolve(view.cwd, file)).join("\n"),
  );
  const leads = [...alike].map(([key, [first, ...more]]) => ({
    key,
    lead: more.reduce((a, b) => (b && a && b.policy.loadedAt > a.policy.loadedAt ? b : a), first),
  }));
  const files: PolicyRow[] = [];
  const plugins: PolicyRow[] = [];
  const reloads: Extract<PolicyRow, { kind: "reload" }>[] = [];
  for (const { key, lead } of leads) {
    if (!lead) continue;
    const { policy, view } = lead;
    const { cwd } = view;
    // A new file with a mistake is in force nowhere, but it is the one to show.
    for (const file of new Set([...policy.files, ...policy.problems.map((problem) => problem.file)])) {
      const problems = policy.problems.filter((problem) => problem.file === file);
      files.push({ key: `${key}\nfile ${file}`, kind: "file", file, cwd, problems, policy });
    }
    for (const plugin of policy.plugins)
      plugins.push({ key: `${key}\nplugin ${plugin.name}`, kind: "plugin", cwd, plugin });
    for (const [index, reload] of policy.history.entries())
      reloads.push({
        key: `${key}\nreload ${reload.time} ${index}`,
        kind: "reload",
        files: policy.files,
        reload,
      });
  }
  reloads.sort((a, b) => b.reload.time - a.reload.time);
  const deciding = [...files, ...plugins].sort((a, b) => Number(ails(b)) - Number(ails(a)));
  return [...deciding, ...reloads];
}

/** Whether it needs a person. */
export function ails(row: PolicyRow): boolean {
  if (row.kind === "file") return row.problems.length > 0;
  return row.kind === "plugin" && (row.plugin.state === "failed" || row.plugin.problems.length > 0);
}

/** `file:line:col message`. */
export function problemText({ file, line, col, message }: Problem): string {
  return `${line > 0 ? `${file}:${line}:${col}` : file} ${message}`;
}
