import { homedir } from "node:os";
import { sanitize } from "../../sanitize.ts";
import { clock, count, day, number } from "../format.ts";
import { type Piece, piece, spread } from "../line.ts";
import type { LoadedFile } from "../loaded.ts";

/** The two rows of the header over a file: which one, that it stands still, and from when to when it goes. */
export function fileHeader(
  { file, left, model }: LoadedFile,
  totals: readonly Piece[],
  cells: number,
): string[] {
  const [first, last] = [model.calls.at(0), model.calls.at(model.calls.length - 1)];
  const [from, to] = [first, last].map((row) => (row ? `${day(row.call.time)} ${clock(row.call.time)}` : ""));
  const until = from?.slice(0, 10) === to?.slice(0, 10) ? to?.slice(11) : to;
  const gateways = count(model.gateways.size, "gateway");
  const without = left > 0 ? [piece(`  ${number(left)} earlier ones left out`, "warn")] : [];
  return [
    spread(
      [piece(" callgate", "accent"), piece(`  ${sanitize(file.replace(homedir(), "~"), 512)}`, "strong")],
      [piece("a file: nothing runs behind it ", "warn")],
      cells,
    ),
    spread([piece(` ${from} to ${until}`), ...without, piece(`  ${gateways}`, "quiet")], totals, cells),
  ];
}
