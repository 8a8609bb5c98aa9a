/** A bare forked process: each line that comes in goes out. What a round trip to any Node process costs. */
import { createInterface } from "node:readline";

createInterface({ input: process.stdin }).on("line", (line) => process.stdout.write(`${line}\n`));
