import { consult } from "../../src/plugins/consult.ts";
import type { LoadedPlugin } from "../../src/plugins/plugin.ts";
import type { Call, CounterNeed } from "../../src/policy/types.ts";

/** Counters in memory, settled as a gateway does. Of windows it knows days. */
export class Counters {
  readonly values = new Map<string, bigint>();
  /** How often plugins were consulted in vain. */
  moved = 0;

  async judge(plugins: readonly LoadedPlugin[], call: Call): Promise<string> {
    const outcome = await consult(plugins, call, ({ opinions, readings }, holds) => {
      const key = ({ id, window }: CounterNeed) =>
        window.kind === "calendar" ? `${id} ${Math.floor(call.time / 86_400_000)}` : id;
      const before = new Map(readings.map(({ need }) => [need.id, this.values.get(key(need)) ?? 0n]));
      if (!holds(before)) {
        this.moved++;
        return { moved: before };
      }
      const first = (verdict: string) => opinions.find(({ opinion }) => opinion.verdict === verdict)?.opinion;
      const found = first("deny") ?? first("ask");
      if (found?.verdict !== "deny") {
        for (const { need } of readings)
          this.values.set(key(need), (this.values.get(key(need)) ?? 0n) + need.add);
      }
      return { done: found === undefined ? "allow" : `${found.verdict}: ${found.message}` };
    });
    return outcome ?? "deny: counters moved every time";
  }
}
