import { describe, expect, test } from "vitest";
import { judged, listedAtMarks, policyOf, rules } from "./helpers.ts";

type Outcome = "pass" | "deny" | "error";

const allows = policyOf(
  rules("{ name: r, conditions: [{ path: args.p, op: within, value: [/srv/data, /tmp/] }] }"),
);
const denies = policyOf(
  rules("{ name: r, action: deny, conditions: [{ path: args.p, op: within, value: /etc }] }"),
);

const paths: [path: string, outcome: Outcome][] = [
  ["/srv/data", "pass"],
  ["/srv/data/", "pass"],
  ["/srv/data/a.txt", "pass"],
  ["/srv//data/./a.txt", "pass"],
  ["/srv/data/a/../b", "pass"],
  ["/tmp/x", "pass"],
  ["/srv/data/~user", "pass"],
  ["/srv/data/50%", "pass"],
  ["/srv/data/caf%C3%A9", "pass"],
  ["/", "deny"],
  ["/srv", "deny"],
  ["/srv/database", "deny"],
  ["/srv/data.bak/x", "deny"],
  ["/srv/data/..", "deny"],
  ["/srv/data/../../etc/passwd", "deny"],
  ["/../srv/datax", "deny"],
  ["/SRV/data/x", "deny"],
  ["/srv/data/%2e%2e/x", "error"],
  ["/srv/data/%2E%2e%2fetc", "error"],
  ["/srv/data/%252e%252e/etc", "error"],
  ["/srv/data/%25252525252e", "error"],
  ["/srv/data/%c0%ae%c0%ae/etc", "error"],
  ["/srv/data/%u002e%u002e/etc", "error"],
  ["/srv/data/‥/etc", "error"],
  ["/srv/data/．．/etc", "error"],
  ["/srv/data/..\\..\\etc", "error"],
  ["/srv/data/%5c..%5cetc", "error"],
  ["/srv/data/a\0.png", "error"],
  ["/srv/data/a%00.png", "error"],
  ["/srv/data/a\n", "error"],
  ["~/x", "error"],
  ["srv/data/x", "error"],
  ["./x", "error"],
  ["..", "error"],
  ["", "error"],
  ["//srv/data/x", "error"],
  ["C:\\srv\\data", "error"],
  ["file:///srv/data/x", "error"],
];

describe("within", () => {
  test.each(paths)("%j: %s", (p, outcome) => {
    expect(judged(allows, "t", { p }).trace[0]?.outcome).toBe(outcome);
  });

  test.each([
    ["/etc/passwd", "deny"],
    ["/etc", "deny"],
    ["/home/me", "allow"],
    ["/%65tc/passwd", "deny"],
    ["/home/../etc/passwd", "deny"],
    ["etc/passwd", "deny"],
    ["/home/me/%2e%2e/%2e%2e/etc", "deny"],
  ])("to deny what is inside: %j is %s", (p, verdict) => {
    expect(judged(denies, "t", { p }).verdict).toBe(verdict);
  });

  test("other types err, missing paths fail", () => {
    expect(judged(allows, "t", { p: ["/srv/data"] }).trace[0]?.outcome).toBe("error");
    expect(judged(allows, "t").trace[0]?.outcome).toBe("deny");
  });

  test.each(["▸srv/data", "▸../x", "▸5", "▸[]", "▸/srv/../etc", '▸"C:\\\\x"'])(
    "the directory %s is a mistake",
    (value) => {
      const text = rules(`{ name: r, conditions: [{ path: args.p, op: within, value: ${value} }] }`);
      expect(listedAtMarks(text)[0]).toMatch(
        /^within takes an? (absolute )?directory, not .* \| write an absolute/,
      );
    },
  );
});
