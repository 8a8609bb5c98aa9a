/** A payments MCP server over stdio, in both protocol eras; its money is in the file `PAYMENTS_DB`. */
import { type CallToolResult, ProtocolError, ProtocolErrorCode, Server } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import * as z from "zod";
import { charge, funds, Ledger, ledgerFile, PaymentRefused, refund } from "./payments-ledger.ts";

const CURRENCIES = ["usd", "eur", "gbp", "jpy"];

const ledger = new Ledger(ledgerFile());

interface ToolSpec<I extends z.ZodObject, O extends z.ZodObject> {
  title: string;
  description: string;
  annotations: {
    readOnlyHint: boolean;
    destructiveHint?: boolean;
    idempotentHint?: boolean;
    openWorldHint: boolean;
  };
  input: I;
  output: O;
  run(args: z.infer<I>): z.infer<O>;
}

interface Tool {
  definition: Omit<ToolSpec<z.ZodObject, z.ZodObject>, "input" | "output" | "run">;
  input: z.ZodObject;
  output: z.ZodObject;
  call(args: unknown): CallToolResult;
}

function tool<I extends z.ZodObject, O extends z.ZodObject>(spec: ToolSpec<I, O>): Tool {
  const { input, output, run, ...definition } = spec;
  return {
    definition,
    input,
    output,
    call(args) {
      const parsed = input.safeParse(args);
      if (!parsed.success) return failure(z.prettifyError(parsed.error));
      const structuredContent = run(parsed.data);
      return { content: [{ type: "text", text: JSON.stringify(structuredContent) }], structuredContent };
    },
  };
}

const failure = (text: string): CallToolResult => ({ content: [{ type: "text", text }], isError: true });

const amount = z.int().positive();

const tools: Record<string, Tool> = {
  create_charge: tool({
    title: "Charge a customer",
    description: "Takes a payment from a customer. Amounts are in the currency's smallest unit (cents).",
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
    input: z.object({
      amount: amount.describe("In cents"),
      currency: z.string().describe(`One of ${CURRENCIES.join(", ")}`),
      customer: z.string().min(1).describe('Customer id, such as "cus_ada"'),
      description: z.string().optional().describe("What the customer sees on the statement"),
    }),
    output: charge,
    run(order) {
      // Like a processor that is not there: an error of the request, not an answer the model can mend.
      if (!CURRENCIES.includes(order.currency)) {
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, `No processor for "${order.currency}"`);
      }
      return ledger.charge(order);
    },
  }),
  create_refund: tool({
    title: "Refund a charge",
    description: "Gives back a charge, or a part of it. Refunds together cannot exceed the charge.",
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
    input: z.object({
      charge: z.string().describe('Charge id, such as "ch_1"'),
      amount: amount.optional().describe("In cents; default: whatever is left of the charge"),
    }),
    output: refund,
    run: (order) => ledger.refund(order.charge, order.amount),
  }),
  list_charges: tool({
    title: "List charges",
    description: "The newest charges first, of all customers or one.",
    annotations: { readOnlyHint: true, openWorldHint: false },
    input: z.object({
      limit: z.int().min(1).max(100).default(10).describe("At most so many"),
      customer: z.string().optional().describe("Only this customer's"),
    }),
    output: z.object({ charges: z.array(charge) }),
    run: ({ limit, customer }) => ({ charges: ledger.charges(limit, customer) }),
  }),
  get_balance: tool({
    title: "Balance",
    description: "What has been charged and not refunded, by currency.",
    annotations: { readOnlyHint: true, openWorldHint: false },
    input: z.object({}),
    output: z.object({ available: z.array(funds) }),
    run: () => ({ available: ledger.balance() }),
  }),
  delete_customer: tool({
    title: "Delete a customer",
    description: "Removes a customer for good. Refused while the customer has charges.",
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    input: z.object({ customer: z.string().describe("Customer id") }),
    output: z.object({ customer: z.string(), deleted: z.literal(true) }),
    run({ customer }) {
      ledger.deleteCustomer(customer);
      return { customer, deleted: true as const };
    },
  }),
};

const objectSchema = z.looseObject({
  type: z.literal("object"),
  properties: z.record(z.string(), z.json()).optional(),
});

/** The protocol layer rather than `McpServer`, which turns every error of a tool into a result. */
function createServer(): Server {
  const server = new Server(
    { name: "payments", title: "Payments desk", version: "1.0.0" },
    { capabilities: { tools: {} }, instructions: "Amounts are in cents. Charges are kept for good." },
  );
  server.setRequestHandler("tools/list", () => ({
    tools: Object.entries(tools).map(([name, { definition, input, output }]) => ({
      name,
      ...definition,
      inputSchema: jsonSchema(input, "input"),
      outputSchema: jsonSchema(output, "output"),
    })),
  }));
  server.setRequestHandler("tools/call", (request) => {
    const called = Object.hasOwn(tools, request.params.name) ? tools[request.params.name] : undefined;
    if (!called) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `No tool "${request.params.name}"`);
    try {
      return called.call(request.params.arguments ?? {});
    } catch (error) {
      if (error instanceof PaymentRefused) return failure(error.message);
      throw error;
    }
  });
  return server;
}

function jsonSchema(schema: z.ZodObject, io: "input" | "output") {
  return objectSchema.parse(z.toJSONSchema(schema, { io }));
}

serveStdio(createServer);
