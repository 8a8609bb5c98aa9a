import { basename } from "node:path";

/** Programs that run what their arguments name. */
const RUNNERS = new Set([
  "npx",
  "npm",
  "pnpm",
  "yarn",
  "bunx",
  "bun",
  "deno",
  "node",
  "uvx",
  "uv",
  "python",
  "python3",
  "docker",
  "env",
  "sh",
]);

/**
 * A server's name from the command that starts it: the package, module or file that a runner is told to run,
 * else the command itself. `npx -y @scope/server-memory@1 --x` is "server-memory".
 */
export function upstreamName(command: readonly string[]): string {
  const subject =
    command.find((word, i) => {
      if (i === 0) return !RUNNERS.has(bare(word));
      return (
        !word.startsWith("-") &&
        !RUNNERS.has(word) &&
        word !== "run" &&
        word !== "exec" &&
        !word.includes("=")
      );
    }) ??
    command[0] ??
    "upstream";
  return bare(subject) || "upstream";
}

function bare(word: string): string {
  return basename(word)
    .replace(/(?<=.)@[^@/]*$/, "")
    .replace(/\.(?:[cm]?[jt]s|py|exe|sh)$/, "");
}
