import { mkdirSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as z from "zod";

/** A payment that cannot be made, in words a model can act on. */
export class PaymentRefused extends Error {}

export const charge = z.object({
  id: z.string(),
  amount: z.int(),
  currency: z.string(),
  customer: z.string(),
  description: z.string().nullable(),
  refunded: z.int(),
  created: z.string(),
});
export type Charge = z.infer<typeof charge>;

export const refund = z.object({ id: z.string(), charge: z.string(), amount: z.int(), created: z.string() });
export type Refund = z.infer<typeof refund>;

export const funds = z.object({ currency: z.string(), amount: z.int() });
export type Funds = z.infer<typeof funds>;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS customers (id TEXT PRIMARY KEY) STRICT;
  CREATE TABLE IF NOT EXISTS charges (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT GENERATED ALWAYS AS ('ch_' || number),
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    customer TEXT NOT NULL REFERENCES customers (id),
    description TEXT,
    refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND amount),
    created TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS refunds (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT GENERATED ALWAYS AS ('re_' || number),
    charge INTEGER NOT NULL REFERENCES charges (number),
    amount INTEGER NOT NULL CHECK (amount > 0),
    created TEXT NOT NULL
  ) STRICT;
  INSERT OR IGNORE INTO customers VALUES ('cus_ada'), ('cus_grace'), ('cus_linus'), ('cus_radia');
`;

/** Charges, refunds and customers in one SQLite file, which any number of servers may share. */
export class Ledger {
  readonly #db: DatabaseSync;

  constructor(file: string) {
    this.#db = new DatabaseSync(file, { timeout: 5000 });
    // No WAL: SQLite waits for a lock with a transaction that begins as a writer, but not with a switch to WAL.
    this.#db.exec("PRAGMA synchronous = NORMAL");
    this.#transaction(() => this.#db.exec(SCHEMA));
  }

  charge(order: { amount: number; currency: string; customer: string; description?: string }): Charge {
    return this.#transaction(() => {
      this.#db.prepare("INSERT OR IGNORE INTO customers VALUES (?)").run(order.customer);
      const row = this.#db
        .prepare(
          `INSERT INTO charges (amount, currency, customer, description, created)
           VALUES (?, ?, ?, ?, ?) RETURNING *`,
        )
        .get(
          order.amount,
          order.currency,
          order.customer,
          order.description ?? null,
          new Date().toISOString(),
        );
      return charge.parse(row);
    });
  }

  /** Without an amount, whatever is left of the charge. */
  refund(id: string, amount?: number): Refund {
    return this.#transaction(() => {
      const found = this.#db.prepare("SELECT * FROM charges WHERE id = ?").get(id);
      if (!found) throw new PaymentRefused(`No charge "${id}"; list_charges shows the ones there are`);
      const { amount: charged, refunded, currency } = charge.parse(found);
      const left = charged - refunded;
      const give = amount ?? left;
      if (left === 0) throw new PaymentRefused(`Charge ${id} is already refunded in full`);
      if (give > left) {
        throw new PaymentRefused(`Charge ${id} has ${left} ${currency} left to refund, not ${give}`);
      }
      this.#db.prepare("UPDATE charges SET refunded = refunded + ? WHERE id = ?").run(give, id);
      const row = this.#db
        .prepare(
          `INSERT INTO refunds (charge, amount, created)
           VALUES ((SELECT number FROM charges WHERE id = ?), ?, ?) RETURNING id, amount, created`,
        )
        .get(id, give, new Date().toISOString());
      return refund.parse({ ...row, charge: id });
    });
  }

  /** Newest first. */
  charges(limit: number, customer?: string): Charge[] {
    const rows = this.#db
      .prepare("SELECT * FROM charges WHERE ?1 IS NULL OR customer = ?1 ORDER BY number DESC LIMIT ?2")
      .all(customer ?? null, limit);
    return rows.map((row) => charge.parse(row));
  }

  balance(): Funds[] {
    const rows = this.#db
      .prepare("SELECT currency, SUM(amount - refunded) AS amount FROM charges GROUP BY currency ORDER BY 1")
      .all();
    return rows.map((row) => funds.parse(row));
  }

  deleteCustomer(id: string): void {
    this.#transaction(() => {
      const bought = this.#db.prepare("SELECT 1 FROM charges WHERE customer = ? LIMIT 1").get(id);
      if (bought) throw new PaymentRefused(`Customer ${id} has charges, which must be kept`);
      const { changes } = this.#db.prepare("DELETE FROM customers WHERE id = ?").run(id);
      if (changes === 0) throw new PaymentRefused(`No customer "${id}"`);
    });
  }

  close(): void {
    this.#db.close();
  }

  #transaction<T>(work: () => T): T {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    }
  }
}

/** `PAYMENTS_DB`, or a file in the temporary directory that only this user can open. */
export function ledgerFile(): string {
  const named = process.env.PAYMENTS_DB;
  if (named) return named;
  const directory = join(tmpdir(), `callgate-payments-${userInfo().username}`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return join(directory, "payments.db");
}
