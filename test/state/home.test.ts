import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { HomeError, locateHome, openHome } from "../../src/state/home.ts";
import { scratch } from "./scratch.ts";

const mode = (path: string) => statSync(path).mode & 0o777;

test("a home is made for its owner only", () => {
  const dir = join(scratch(), "a", "home");
  const home = openHome({ CALLGATE_HOME: dir });
  expect(home).toEqual({
    dir,
    stateFile: join(dir, "state.db"),
    auditDir: join(dir, "audit"),
    auditKey: join(dir, "audit.key"),
    runDir: join(dir, "run"),
    historyFile: join(dir, "history"),
    themeFile: join(dir, "theme"),
  });
  for (const path of [home.dir, home.auditDir, home.runDir]) expect(mode(path)).toBe(0o700);
});

test("a home that others could read is closed to them", () => {
  const dir = join(scratch(), "home");
  mkdirSync(join(dir, "audit"), { recursive: true });
  chmodSync(dir, 0o755);
  chmodSync(join(dir, "audit"), 0o777);
  openHome({ CALLGATE_HOME: dir });
  expect(mode(dir)).toBe(0o700);
  expect(mode(join(dir, "audit"))).toBe(0o700);
});

test("the default is in the person's own folder; a tilde means it too", () => {
  expect(locateHome({}).dir).toBe(join(homedir(), ".callgate"));
  expect(locateHome({ CALLGATE_HOME: "" }).dir).toBe(join(homedir(), ".callgate"));
  expect(locateHome({ CALLGATE_HOME: "~/x" }).dir).toBe(join(homedir(), "x"));
});

test("looking where it is makes nothing", () => {
  const dir = join(scratch(), "home");
  locateHome({ CALLGATE_HOME: dir });
  expect(existsSync(dir)).toBe(false);
});

// A folder of /proc cannot be made, and mkdir's own recursion never ends there.
test.each(["under a file", "a file", "in /proc"])("a home that cannot be used says so: %s", (kind) => {
  const file = join(scratch(), "file");
  writeFileSync(file, "");
  const dir = kind === "in /proc" ? "/proc/callgate" : kind === "a file" ? file : join(file, "home");
  const open = () => openHome({ CALLGATE_HOME: dir });
  expect(open).toThrow(HomeError);
  expect(open).toThrow(dir);
  expect(open).toThrow("nothing runs uncounted");
  expect(open).toThrow("CALLGATE_HOME");
});
