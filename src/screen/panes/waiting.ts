import { sanitize } from "../../sanitize.ts";
import { type Piece, piece } from "../line.ts";
import { wrap } from "../text.ts";

const WAYS: readonly (readonly [string, string])[] = [
  ["callgate run -c policy.yaml -- my-server", "a gateway and this screen"],
  ["callgate stdio -c policy.yaml -- my-server", "what .mcp.json starts"],
  ["callgate demo", "a sample to look at"],
];

/**
 * Nothing to watch yet: where it looks, and how to have something.
 *
 * @param trouble why what is there cannot be watched; null where nothing is there
 */
export function waiting(where: string, trouble: string | null, cells: number): Piece[][] {
  const troubled = trouble === null ? [] : wrap(sanitize(trouble, 1_024), cells);
  const lines: Piece[][] = [
    ...troubled.map((text) => [piece(text, "bad")]),
    [],
    [piece("Waiting for gateways", "accent")],
    [],
    [piece("None is running. One shows here as soon as it starts:")],
    [],
  ];
  const column = Math.max(...WAYS.map(([command]) => command.length)) + 3;
  for (const [command, what] of WAYS) {
    if (column + what.length + 6 <= cells)
      lines.push([piece(`  ${command.padEnd(column)}`, "strong"), piece(what, "quiet")]);
    else lines.push([piece(`  ${command}`, "strong")], [piece(`    ${what}`, "quiet")]);
  }
  lines.push([], [piece(where, "quiet")]);
  return lines;
}
