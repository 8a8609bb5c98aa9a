/** Writes policies/schema.json: `node test/policy/write-schema.ts`, and after it `biome check --write policies`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { policyJsonSchema } from "../../src/policy/schema/json-schema.ts";

const file = join(import.meta.dirname, "../../policies/schema.json");
writeFileSync(file, `${JSON.stringify(policyJsonSchema(), null, 2)}\n`);
