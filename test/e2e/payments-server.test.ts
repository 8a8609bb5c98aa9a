import { describe, expect, it } from "vitest";
import * as z from "zod";
import { alive, PAYMENTS, type Sandbox, sandbox } from "./helpers.ts";

const order = { amount: 5000, currency: "usd", customer: "cus_ada" };

type Desk = (name: string, args?: Record<string, unknown>) => Promise<{ isError: boolean; data: unknown }>;

/** The server as each generation of client sees it. */
const clients: Record<string, (box: Sandbox) => Promise<Desk>> = {
  v1: async (box) => {
    const client = await box.v1(PAYMENTS);
    await client.listTools();
    return async (name, args = {}) => outcome(await client.callTool({ name, arguments: args }));
  },
  "v2, legacy era": async (box) => {
    const client = await box.v2(PAYMENTS);
    await client.listTools();
    expect(client.getProtocolEra()).toBe("legacy");
    return async (name, args = {}) => outcome(await client.callTool({ name, arguments: args }));
  },
  "v2, modern era": async (box) => {
    const client = await box.v2(PAYMENTS, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
    await client.listTools();
    expect(client.getProtocolEra()).toBe("modern");
    return async (name, args = {}) => outcome(await client.callTool({ name, arguments: args }));
  },
};

const toolResult = z.object({
  isError: z.boolean().default(false),
  structuredContent: z.unknown().optional(),
  content: z.unknown().optional(),
});

function outcome(result: unknown) {
  const { isError, structuredContent, content } = toolResult.parse(result);
  return { isError, data: structuredContent ?? content };
}

const text = (pattern: RegExp) => [{ type: "text", text: expect.stringMatching(pattern) }];

describe.each(Object.entries(clients))("payments server with a %s client", (_name, connect) => {
  it("keeps charges and refunds, and never gives back more than was taken", async () => {
    const box = sandbox();
    const call = await connect(box);
    expect(await call("create_charge", order)).toMatchObject({
      isError: false,
      data: { ...order, id: "ch_1", refunded: 0, description: null },
    });
    expect((await call("create_refund", { charge: "ch_1", amount: 1500 })).isError).toBe(false);
    expect((await call("get_balance")).data).toEqual({ available: [{ currency: "usd", amount: 3500 }] });
    expect(await call("create_refund", { charge: "ch_1", amount: 3501 })).toEqual({
      isError: true,
      data: text(/3500 usd left/),
    });
    expect((await call("create_refund", { charge: "ch_1" })).data).toMatchObject({ amount: 3500 });
    expect((await call("create_refund", { charge: "ch_1" })).data).toEqual(text(/in full/));

    // Another process finds it all in the file.
    const later = await connect(box);
    expect((await later("list_charges", { customer: "cus_ada" })).data).toMatchObject({
      charges: [{ id: "ch_1", amount: 5000, refunded: 5000 }],
    });
  });

  it("tells a model what is wrong, and the client what no model can mend", async () => {
    const call = await connect(sandbox());
    expect(await call("create_refund", { charge: "ch_9" })).toEqual({ isError: true, data: text(/ch_9/) });
    expect(await call("create_charge", { ...order, amount: -1 })).toMatchObject({ isError: true });
    expect(await call("create_charge", { ...order, amount: 0.5 })).toMatchObject({ isError: true });
    await expect(call("create_charge", { ...order, currency: "chf" })).rejects.toThrow(
      /No processor for "chf"/,
    );
    await expect(call("toString")).rejects.toThrow(/No tool "toString"/);
    expect((await call("list_charges")).data).toEqual({ charges: [] });
  });

  it("deletes only customers without charges", async () => {
    const call = await connect(sandbox());
    await call("create_charge", order);
    expect(await call("delete_customer", { customer: "cus_ada" })).toMatchObject({ isError: true });
    expect((await call("delete_customer", { customer: "cus_grace" })).data).toEqual({
      customer: "cus_grace",
      deleted: true,
    });
    expect(await call("delete_customer", { customer: "cus_grace" })).toMatchObject({ isError: true });
  });
});

describe("payments server", () => {
  it("says what its tools take, give and do", async () => {
    const { tools } = await (await sandbox().v2(PAYMENTS)).listTools();
    expect(tools.map((tool) => tool.name).sort()).toEqual([
      "create_charge",
      "create_refund",
      "delete_customer",
      "get_balance",
      "list_charges",
    ]);
    for (const tool of tools) {
      expect(tool.inputSchema.type).toBe("object");
      expect(tool.outputSchema?.type).toBe("object");
      expect(tool.annotations).toHaveProperty("readOnlyHint");
    }
  });

  it("serves several processes on one ledger without losing a cent", async () => {
    const box = sandbox();
    const desks = await Promise.all([box.v2(PAYMENTS), box.v2(PAYMENTS)]);
    const charge = (i: number) =>
      desks[i % 2]?.callTool({ name: "create_charge", arguments: { ...order, amount: 1 } });
    await Promise.all(Array.from({ length: 100 }, (_, i) => charge(i)));
    const balance = await desks[0].callTool({ name: "get_balance" });
    expect(balance.structuredContent).toEqual({ available: [{ currency: "usd", amount: 100 }] });
  });

  it("ends when its input does", async () => {
    const box = sandbox();
    const peer = box.spawn(PAYMENTS);
    await peer.initialize();
    expect(alive(peer.pid)).toBe(true);
    expect(box.processes()).toEqual([peer.pid]);
    expect(await peer.end()).toEqual({ code: 0, signal: null });
    expect(alive(peer.pid)).toBe(false);
    expect(box.processes()).toEqual([]);
  });
});
