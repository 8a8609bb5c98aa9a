import { JsonError, parseStrict } from "./parse.ts";

/**
 * JSON parsed to be written again with every number as it was spelled, or as plain JSON where a server's text is looser than that
 * takes.
 *
 * @throws SyntaxError where it is not JSON
 */
export function parseLossless(text: string): unknown {
  try {
    return parseStrict(text, true);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return JSON.parse(text);
  }
}
