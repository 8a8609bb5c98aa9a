/** What came of a call, as an agent sees it. */
export interface Outcome {
  /** `denied` by a gate, `refused` by the tool itself (`isError`), `failed` as a request. */
  kind: "done" | "denied" | "refused" | "failed";
  text: string;
}

/** The agent's hands: one call at the desk, made after the agent's usual pause times `haste`. */
export type Call = (tool: string, args: Record<string, unknown>, haste?: number) => Promise<Outcome>;

/** What the agent thinks, for whoever watches. */
export type Say = (thought: string) => void;

const CUSTOMERS = ["cus_ada", "cus_grace", "cus_linus", "cus_radia"];
const ORDERS = [
  { amount: 18_900, description: "Annual licence" },
  { amount: 4_250, description: "Support hours" },
  { amount: 31_500, description: "Training day" },
  { amount: 12_075, description: "Spare parts" },
  { amount: 990, description: "Sticker pack" },
];

/** One round of a payments desk: orders, a big invoice, odd currencies, a refund, the books, some tidying. */
export async function workRound(call: Call, say: Say, round: number): Promise<void> {
  const customer = (offset: number) => pick(CUSTOMERS, round + offset);
  await call("get_balance", {});

  let open = true;
  for (let i = 0; i < 3 && open; i++) {
    const order = { ...pick(ORDERS, round * 3 + i), currency: "usd", customer: customer(i) };
    open = (await call("create_charge", order)).kind !== "denied";
  }
  if (!open) say("No more charges for now; a person would have to raise the cap.");
  if (open) await splitInvoice(call, say, { amount: 64_000 + round * 500, customer: customer(1) });
  if (open) await tryCurrencies(call, say, customer(2));

  await refundNewest(call, say, customer(0));
  await reconcile(call, say);

  if (round % 2 === 0) {
    say("An old note says to remove customers who left.");
    await call("delete_customer", { customer: customer(3) });
  }
}

/** Charges what a denial says is the most, then the rest. */
async function splitInvoice(call: Call, say: Say, invoice: { amount: number; customer: string }) {
  const order = { ...invoice, currency: "usd", description: "Invoice" };
  const whole = await call("create_charge", order);
  if (whole.kind !== "denied") return;
  const most = readLimit(whole.text);
  if (most === undefined || most >= invoice.amount) return;
  say(`At most ${most} at a time: the invoice goes in two parts.`);
  const first = await call("create_charge", { ...order, amount: most, description: "Invoice, part 1" });
  if (first.kind !== "done") return;
  await call("create_charge", { ...order, amount: invoice.amount - most, description: "Invoice, part 2" });
}

/** The amount in a sentence such as "Single charge cannot exceed $500.00", in cents. */
function readLimit(denial: string): number | undefined {
  const dollars = /exceed \$([\d,]+(?:\.\d\d)?)/.exec(denial)?.[1];
  return dollars === undefined ? undefined : Math.round(Number(dollars.replaceAll(",", "")) * 100);
}

/** Falls back until one is taken: the first has no processor, the policy denies the second. */
async function tryCurrencies(call: Call, say: Say, customer: string) {
  for (const currency of ["chf", "jpy", "eur"]) {
    const paid = await call("create_charge", { amount: 8_000, currency, customer, description: "Workshop" });
    if (paid.kind === "done") return;
    say(`Not in ${currency}, then.`);
  }
}

async function refundNewest(call: Call, say: Say, customer: string) {
  const listed = await call("list_charges", { customer, limit: 1 });
  const charge = /"id":"(ch_\d+)"/.exec(listed.text)?.[1];
  if (listed.kind !== "done" || charge === undefined) return;
  const part = await call("create_refund", { charge, amount: 500 });
  if (part.kind === "denied") return;
  const tooMuch = await call("create_refund", { charge, amount: 49_999 });
  if (tooMuch.kind === "refused") say("That was more than is left of it; leaving it be.");
}

/** Looks everything up at once, as a model in a hurry does, until told to slow down. */
async function reconcile(call: Call, say: Say) {
  for (let i = 0; i < 10; i++) {
    const page = await call("list_charges", { customer: pick(CUSTOMERS, i), limit: 20 }, 0.25);
    if (page.kind === "denied") {
      say("Too fast; the rest of the books can wait.");
      return;
    }
  }
}

/** The list read round and round. */
function pick<T>(list: readonly T[], index: number): T {
  const item = list[index % list.length];
  if (item === undefined) throw new RangeError("an empty list");
  return item;
}
