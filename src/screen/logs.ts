/** What gateways and the screen itself say that is no call, in the order of time, bounded. */
import type { LogView } from "../control/protocol.ts";
import { type Keyed, Ring } from "./ring.ts";

export type LogRow = Keyed & LogView & { readonly gateway: string };

const LOGS = 500;

export class Logs extends Ring<LogRow> {
  #said = 0;

  constructor() {
    super(LOGS);
  }

  said(gateway: string, line: LogView): void {
    this.push(this.#row(gateway, line));
  }

  /** A gateway's last lines: they replace those known of it, also where some were missed. */
  saidAll(gateway: string, lines: readonly LogView[]): void {
    const others = this.toArray().filter((row) => row.gateway !== gateway);
    const rows = lines.map((line) => this.#row(gateway, line));
    this.reset([...others, ...rows].sort((a, b) => a.time - b.time));
  }

  #row(gateway: string, { time, level, text }: LogView): LogRow {
    return { key: String(this.#said++), gateway, time, level, text };
  }
}
