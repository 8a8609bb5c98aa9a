import { JsonError, parseStrict } from "./parse.ts";

/**
 * JSON parsed with every number's digits kept, or as plain JSON where a server's text is looser than that
 * takes.
 *
 * @throws SyntaxError where it is not JSON
 */
export function parseLossless(text: string): unknown {
  try {
    return parseStrict(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return JSON.parse(text);
  }
}
