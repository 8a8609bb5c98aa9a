/** What the command line offers, says and underlines while it is typed. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { press } from "../../src/screen/app.tsx";
import { usage } from "../../src/screen/command-line.ts";
import { commandNamed, runCommand } from "../../src/screen/commands.ts";
import { complete } from "../../src/screen/complete.ts";
import { mistakeIn } from "../../src/screen/mistake.ts";
import { promptOf } from "../../src/screen/prompt.ts";
import { storeWith } from "./helpers.ts";

const { store } = storeWith(60);
const offered = (text: string, kind: "command" | "filter" = "command") =>
  complete(store, kind, { text, at: text.length }).words;

describe("completion", () => {
  it("offers commands, and what their signatures name at that place", () => {
    expect(offered("un")).toEqual(["unallow", "unblock", "unkill"]);
    expect(offered("block create_")).toEqual(["create_charge", "create_refund"]);
    expect(offered("block x ")).toEqual(["for"]);
    expect(offered("block x for ")).toEqual(["10m"]);
    expect(offered("shadow ")).toEqual(["off", "on"]);
    expect(offered("reset create_charge.")).toContain("create_charge.daily_spend");
    expect(offered("why 5")).toContain("59");
    expect(offered("call get_balance ")).toContain("{}");
    expect(offered("call list_charges ")[0]).toMatch(/^\{"limit":10/);
    expect(offered("kill ")).toEqual([]);
  });

  it("offers files, and policies in force", () => {
    const dir = mkdtempSync(join(tmpdir(), "callgate-files-"));
    writeFileSync(join(dir, "draft.yaml"), "");
    expect(offered(`whatif ${dir}/d`)).toEqual([`${dir}/draft.yaml`]);
    expect(offered("open poli")).toContain(store.model.gateways.values().next().value?.policy.files[0]);
  });

  it.each(["filter ", "hold ", "save calls.jsonl ", ""])("completes a filter after %j", (before) => {
    const kind = before === "" ? "filter" : "command";
    const words = (text: string) => offered(before + text, kind);
    expect(words("too")).toEqual(["tool:"]);
    expect(words("(tool:create_")).toEqual(["tool:create_charge", "tool:create_refund"]);
    expect(words("!verdict:d")).toEqual(["verdict:deny"]);
    expect(words("tool:x and class:f")).toEqual(["class:financial"]);
    expect(words("arg.")).toContain("arg.amount>");
    expect(words("arg.currency=")).toEqual(["arg.currency=usd"]);
    expect(words("tool:x o")).toContain("or");
  });

  it("puts names with spaces into quotes, whether or not one was typed", () => {
    expect(offered("rule:max", "filter")).toEqual(['rule:"max single charge"']);
    expect(offered('rule:"max sin', "filter")).toEqual(['rule:"max single charge"']);
    store.ui.prompt = promptOf("filter", { label: "/", text: "ms>1 rule:max", enter: () => null });
    press(store, "tab");
    expect(store.ui.prompt.line.text).toBe('ms>1 rule:"max single charge" ');
    store.ui.prompt = null;
  });
});

describe("inline help", () => {
  const marked = (text: string) =>
    usage(text).flatMap((each) => (each.tone === "accent" ? [each.text.trim()] : []));
  it("marks the word of the signature that is being typed", () => {
    expect(marked("call")).toEqual([]);
    expect(marked("call ")).toEqual(["TOOL"]);
    expect(marked("call create_charge {")).toEqual(["[JSON]"]);
    expect(marked('call create_charge {"a": 1')).toEqual(["[JSON]"]);
    expect(usage("explode ")[0]?.text).toContain("no such command");
  });
});

describe("a mistake", () => {
  const at = (text: string) => {
    const command = commandNamed(text.split(" ")[0] ?? "");
    return command && mistakeIn(command, text);
  };
  it.each([
    ["hold tol:x", 5, 8, "did you mean tool?"],
    ["resume a (b", 9, 10, "not closed"],
    ["save f.jsonl ms>fast", 13, 20, "a number"],
    ['call create_charge {"a": 1,}', 27, 28, "key"],
    ["try create_charge [1]", 18, 21, "a JSON object is wanted"],
  ])("in %s is at %i to %i: %s", (text, start, end, words) => {
    expect(at(text)).toMatchObject({ start, end, message: expect.stringContaining(words) });
  });

  it("keeps the line from being sent", () => {
    expect(runCommand(store, "hold tol:x")).toContain("did you mean tool?");
    expect(runCommand(store, "try create_charge {a}")).toContain("an object key must be a string");
  });

  it.each(["kill", "block tol:x", "call create_charge ", 'call create_charge {"a": 1}', "hold tool:x"])(
    "none in %j",
    (text) => expect(at(text)).toBeNull(),
  );
});
