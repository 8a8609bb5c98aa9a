import { initialize, memory, type Plan, run } from "./harness.ts";
import type { Pair } from "./targets.ts";

const CALLS = 200_000;
const PARTS = 10;

/** Memory of callgate over very many calls: it should settle, and then stay. */
export async function soak({ name, targets: [, , callgate] }: Pair, { body, inFlight }: Plan): Promise<void> {
  const connection = callgate.open();
  await initialize(connection);
  const levels: number[] = [];
  for (let part = 0; part < PARTS; part++) {
    await run(connection, body, CALLS / PARTS, inFlight, []);
    levels.push(Math.round(memory(connection.pid)));
  }
  await connection.close();
  console.log(`${name}: MiB after each ${CALLS / PARTS} of ${CALLS} calls: ${levels.join(" ")}`);
}
