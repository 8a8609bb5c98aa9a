import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { press } from "../../src/screen/app.tsx";
import { frame } from "../../src/screen/frame.ts";
import { keymap } from "../../src/screen/keymap.ts";
import { plain, storeWith } from "./helpers.ts";

const SIZES = [
  [40, 10],
  [80, 24],
  [99, 30],
  [120, 40],
  [200, 60],
  [300, 20],
  [12, 3],
] as const;
const HOSTILE = "\x1b[2J\x1b]0;owned\x07\u202e漢字👩‍👩‍👧e\u0301\u0301\u0301\u0301\r\n".repeat(2_000);

describe("frame", () => {
  it.each(SIZES)(
    "has exactly the rows and columns of the terminal in every view at %ix%i",
    async (columns, rows) => {
      const { store, gateway } = storeWith(200, { size: { columns, rows } });
      const rule = { name: HOSTILE, tool: HOSTILE, file: HOSTILE, line: 1 };
      const over = {
        agent: HOSTILE,
        tool: HOSTILE,
        upstream: HOSTILE,
        arguments: JSON.stringify({ x: HOSTILE }),
      };
      const call = gateway.call({ ...over, verdict: "deny", rule, message: HOSTILE });
      store.model.events(gateway.view.id, [{ type: "call", call }], Date.now());
      const check = () => {
        const lines = frame(store);
        expect(lines).toHaveLength(rows);
        for (const text of lines) expect(stringWidth(text)).toBe(columns);
        for (const text of lines) expect(plain(text)).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
      };
      check();
      for (const command of [
        "open",
        "page 1",
        "last",
        "help",
        "back",
        "back",
        "pane next",
        "open",
        "back",
        "pane next",
      ]) {
        store.run(command);
        await Promise.resolve();
        check();
      }
      gateway.hold({ ...over });
      gateway.hold();
      store.model.snapshot(gateway.view.id, gateway.snapshot(), Date.now());
      check();
      for (const command of [
        "pane holds",
        "move 1",
        "detail",
        "filter tool:create",
        "command-line",
        "help",
        "deny all",
      ]) {
        store.run(command);
        check();
        for (const key of ["f", "i", "l", "t", "tab", "space", "(", "漢", "tab"]) press(store, key);
        check();
        press(store, "esc");
      }
      const { policy } = gateway;
      const problems = [{ file: HOSTILE, line: 3, col: 4, message: HOSTILE, help: HOSTILE }];
      store.model.events(gateway.view.id, [{ type: "policy", policy: { ...policy, problems } }], Date.now());
      check();
    },
  );

  it("says so when the terminal is too small", () => {
    const { store } = storeWith(5, { size: { columns: 39, rows: 24 } });
    expect(frame(store).join("")).toContain("too small");
  });

  it("shows what broke a reload, what to do, and what decides", () => {
    const { store, gateway } = storeWith(5);
    gateway.break();
    store.model.events(gateway.view.id, [{ type: "policy", policy: gateway.policy }], Date.now());
    const text = plain(frame(store).join("\n"));
    expect(text).toContain('policies/payments.yaml:14:15 unknown operator "lessthan"');
    expect(text).toContain('Did you mean "lt"?');
    expect(text).toMatch(/The policy loaded 1[23]s ago still decides/);
  });

  it("shows calls, gauges, denials, files and totals at once in a large terminal", () => {
    const { store } = storeWith(100);
    const text = plain(frame(store).join("\n"));
    for (const part of [
      "http://127.0.0.1:4711/mcp",
      "payments.yaml reloaded 12s ago",
      "86 allowed  14 denied",
      "demo-agent",
      "✗ DENY",
      "max single charge",
      "650,000 / 1,000,000",
      "3h12m",
      "Single charge",
    ])
      expect(text).toContain(part);
  });

  it("says that a gateway ended and keeps its calls", () => {
    const { store, gateway } = storeWith(10);
    store.model.end(gateway.view.id, Date.now());
    const text = plain(frame(store).join("\n"));
    expect(text).toContain("payments ended just now");
    expect(text).toContain("create_charge");
  });
});

describe("keys", () => {
  it("all run a command that exists, in the views they are for", () => {
    for (const binding of keymap) {
      const { store } = storeWith(3);
      store.run(binding.command);
      expect(store.ui.notice?.text ?? "").not.toContain("unknown command");
    }
  });
});
