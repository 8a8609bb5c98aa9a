// Run by log.test.ts where files cannot grow past some KB: one record too many, then smaller ones.
import { openAuditLog } from "../../src/audit/log.ts";
import { call, NOON } from "./sample.ts";

let time = NOON;
const log = openAuditLog(process.argv[2] ?? "", "gw", "0.1.0", () => time);
const errors: string[] = [];
function write(...ids: string[]): void {
  try {
    for (const id of ids) log.append(call(id));
    log.flush();
  } catch (error) {
    errors.push(error instanceof Error ? error.message : String(error));
  }
}
write("first");
write("too much".padEnd(20_000, "!"));
write("small enough");
write("lost with the next", "too much".padEnd(20_000, "!"));
// Midnight while a record waits that cannot be written: its own flush has to say so.
log.append(call("too much".padEnd(20_000, "!")));
time += 86_400_000;
try {
  log.append(call("next day"));
} catch {
  errors.push("append of the next day");
}
write();
write("next day");
log.close("done");
console.log(JSON.stringify(errors));
