import { readFileSync } from "node:fs";
import { packagePath } from "./package-path.ts";

/** Version of this package. */
export const VERSION: string = JSON.parse(readFileSync(packagePath("package.json"), "utf8")).version;
