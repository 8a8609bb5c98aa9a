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
 * else the command itself. `npx -y @scope/server-memory@1 --x` and `node server-memory/dist/index.js` are
 * "server-memory".
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

/** What many servers' files and folders are called: it names none of them. */
const COMMON = new Set(["index", "main", "dist", "build", "src", "lib", "out", "bin", "."]);

function bare(word: string): string {
  const names = word
    .split(/[/\\]/)
    .filter((part) => part !== "")
    .map(withoutEnding);
  return names.findLast((name) => !COMMON.has(name)) ?? names.at(-1) ?? "";
}

const withoutEnding = (name: string) =>
  name.replace(/(?<=.)@[^@/]*$/, "").replace(/\.(?:[cm]?[jt]s|py|exe|sh)$/, "");
