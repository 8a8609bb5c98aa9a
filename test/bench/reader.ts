/** Attaches to the one gateway of `CALLGATE_HOME` and reads what it tells, as a screen that draws nothing. */
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

const run = join(process.env.CALLGATE_HOME ?? "", "run");
connect(join(run, readdirSync(run)[0] ?? "")).resume();
