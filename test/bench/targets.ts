/** What is measured: the same server, reached in different ways. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Connection, StdioConnection } from "./connection.ts";

export interface Target {
  readonly name: string;
  open(): Connection;
}

/** Targets to be compared with each other: direct, the bare relay, and callgate if it is built. */
export interface Pair {
  readonly name: string;
  readonly targets: readonly Target[];
}

const ROOT = resolve(import.meta.dirname, "../..");
const CALLGATE = join(ROOT, "bin/callgate.js");
const BUILT = join(ROOT, "dist/cli.js");

/** The call that is made: two counters and ten rules look at it. */
export const CALL =
  '"method":"tools/call","params":{"name":"create_charge","arguments":{"amount":1250,"currency":"usd",' +
  '"customer":"cus_ada","description":"Support hours, October","metadata":{"order":"A-1041","seats":3}}}';

export const POLICY = `
version: "1"
hide: [delete_everything]
tools:
  create_charge:
    rules:
      - { name: max single charge, conditions: [{ path: args.amount, op: lte, value: 50000 }] }
      - { name: not nothing, conditions: [{ path: args.amount, op: gt, value: 0 }] }
      - { name: currencies, conditions: [{ path: args.currency, op: in, value: [usd, eur, gbp, chf] }] }
      - { name: not on the list, conditions: [{ path: args.customer, op: not_in, value: [cus_mallory, cus_eve] }] }
      - { name: ids only, conditions: [{ path: args.customer, op: regex, value: "^cus_[a-z0-9]+$" }] }
      - { name: said why, conditions: [{ path: args.description, op: exists, value: true }] }
      - { name: no cash, conditions: [{ path: args.description, op: neq, value: cash }] }
      - { name: order named, conditions: [{ path: args.metadata.order, op: contains, value: A- }] }
      - name: daily spend cap
        conditions: [{ path: state.create_charge.daily_spend, op: lte, value: 900000000000 }]
        state: { counter: daily_spend, window: day, increment_from: args.amount }
      - { name: a day's calls, rate_limit: 900000000/day }
`;

/** A directory of the bench's own: servers as plain JavaScript, the policy, a fresh home for each gateway. */
export class Workshop {
  readonly dir = mkdtempSync(join(tmpdir(), "callgate-bench-"));
  readonly #server = this.#script("echo-server");
  readonly #relay = this.#script("relay");
  readonly #policy = join(this.dir, "policy.yaml");
  #homes = 0;

  constructor() {
    writeFileSync(this.#policy, POLICY);
  }

  /** To add a pair (HTTP to HTTP, ...), write a method like `#stdio` and a `Connection` for it. */
  pairs(): Pair[] {
    return [this.#stdio()];
  }

  #stdio(): Pair {
    const server = [process.execPath, this.#server];
    const target = (name: string, inFront: string[]): Target => ({
      name,
      open: () => new StdioConnection([...inFront, ...server], this.#env()),
    });
    const built = existsSync(CALLGATE) && existsSync(BUILT);
    const callgate = [process.execPath, CALLGATE, "stdio", "-c", this.#policy, "--"];
    return {
      name: "stdio",
      targets: [
        target("direct", []),
        target("bare relay", [process.execPath, this.#relay]),
        ...(built ? [target("callgate", callgate)] : []),
      ],
    };
  }

  close(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }

  #env(): NodeJS.ProcessEnv {
    return { ...process.env, CALLGATE_HOME: join(this.dir, `home-${++this.#homes}`) };
  }

  /** Without its types, so that no start-up time goes into stripping them. */
  #script(name: string): string {
    const source = readFileSync(join(ROOT, "test/fixtures", `${name}.ts`), "utf8");
    const path = join(this.dir, `${name}.mjs`);
    writeFileSync(path, stripTypeScriptTypes(source));
    return path;
  }
}
