import { z } from "zod";
import { policyFile } from "./policy-file.ts";

/** The JSON Schema of a policy file, from the definition that checks it: what editors complete and check by. */
export function policyJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(policyFile, { io: "input", target: "draft-7" });
  return { ...schema, title: "Callgate policy" };
}
