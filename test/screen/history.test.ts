import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { History } from "../../src/screen/history.ts";

test("keeps the lines that were entered, and none in which the audit log would mask something", () => {
  const dir = mkdtempSync(join(tmpdir(), "callgate-history-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const file = join(dir, "history");
  const history = new History(file);
  const kept = [":kill", ':try create_charge {"amount": 5}', "/arg.amount>5 tool:create_*"];
  const secret = [
    ':call login {"user": "me", "password": "hunter2"}',
    ':try login {"api_key": "hunter2"',
    "/arg.password=hunter2",
    ':call fetch {"url": "https://me:hunter2@example.com"}',
    `:deny 4 the key is sk_live_${"a1B2".repeat(8)}`,
  ];
  for (const line of [...secret, ...kept]) history.add(line);
  expect(readFileSync(file, "utf8")).toBe(`${kept.join("\n")}\n`);
  expect(new History(file).startingWith(":")).toEqual(kept.slice(0, 2));
});
