/** What several views are made of. */
import { z } from "zod";

export const verdict = z.enum(["allow", "deny", "ask"]);
export const rule = z.object({ name: z.string(), tool: z.string(), file: z.string(), line: z.number() });

/** ms since the epoch, as far as a Date reaches. */
export const moment = z.number().min(-8.64e15).max(8.64e15);
/** A mistake: `file:line:col message`, with what to do in `help`. */
export const problem = z.object({
  file: z.string(),
  line: z.number(),
  col: z.number(),
  message: z.string(),
  help: z.string(),
});
