import { existsSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = fileURLToPath(import.meta.url);

/** This package's folder, wherever in it the code that runs has been put. */
const ROOT = rootAbove(dirname(HERE));

/** Built code is .js in dist/, its source .ts in src/. */
const CODE = join(ROOT, extname(HERE) === ".ts" ? "src" : "dist");

function rootAbove(folder: string): string {
  return existsSync(join(folder, "package.json")) ? folder : rootAbove(dirname(folder));
}

/** The path of a file of this package, given from its root: `bin/callgate.js`. */
export const packagePath = (path: string): string => join(ROOT, path);

/** The path of a module or folder of this package's code, given from src/ without its ending: `plugins/host`. */
export const codePath = (path: string): string => join(CODE, path);

/** The same of a module. */
export const modulePath = (path: string): string => codePath(`${path}${extname(HERE)}`);
