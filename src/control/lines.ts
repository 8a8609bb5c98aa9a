import { LineDecoder } from "../wire/framing.ts";

/** The lines of a stream as text; `push` throws a RangeError once one is longer than the limit, in bytes. */
export const shortLines = (limit: number, onLine: (line: string) => void): LineDecoder =>
  new LineDecoder(
    {
      onFrame: (line) => onLine(line.toString("utf8")),
      onOverflow() {
        throw new RangeError(`a line is longer than ${limit} bytes`);
      },
      onOversize() {},
    },
    limit,
  );
