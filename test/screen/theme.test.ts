import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { firstTheme, keepTheme } from "../../src/screen/theme.ts";

function file(): string {
  const dir = mkdtempSync(join(tmpdir(), "callgate-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return join(dir, "home", "theme");
}

it("is the one chosen, else what the terminal says of its background, and none with NO_COLOR", () => {
  const kept = file();
  expect(firstTheme(kept, {})).toBe("dark");
  expect(firstTheme(kept, { COLORFGBG: "0;15" })).toBe("light");
  expect(firstTheme(kept, { COLORFGBG: "0;default;7" })).toBe("light");
  expect(firstTheme(kept, { COLORFGBG: "15;0" })).toBe("dark");
  keepTheme(kept, "light");
  expect(firstTheme(kept, {})).toBe("light");
  expect(firstTheme(kept, { COLORFGBG: "15;0" })).toBe("light");
  expect(firstTheme(kept, { NO_COLOR: "1", COLORFGBG: "0;15" })).toBe("plain");
  writeFileSync(kept, "\x1b[31mpurple\n");
  expect(firstTheme(kept, {})).toBe("dark");
});

it("that cannot be kept is in force all the same", () => {
  expect(() => keepTheme("/dev/null/theme", "light")).not.toThrow();
});
