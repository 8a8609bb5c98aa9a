import { describe, expect, test } from "vitest";
import { judged, listedAtMarks, policyOf, rules } from "./helpers.ts";

const hosts =
  '[api.example.com, "*.example.org", "localhost:8080", 127.0.0.1, "[::1]", bücher.example, "x.test:443"]';
const policy = policyOf(rules(`{ name: r, conditions: [{ path: args.u, op: host_in, value: ${hosts} }] }`));

const urls: [url: string, outcome: "pass" | "deny" | "error"][] = [
  ["https://api.example.com/x?y=https://evil.com", "pass"],
  ["HTTPS://API.Example.COM", "pass"],
  ["https://api.example.com./", "pass"],
  ["http://api.example.com:8443/", "pass"],
  ["https://api.example.com#x", "pass"],
  ["https://api.example.com/a@b", "pass"],
  ["https://a.example.org/", "pass"],
  ["https://a.b.example.org/", "pass"],
  ["http://localhost:8080/", "pass"],
  ["http://127.0.0.1/", "pass"],
  ["http://[::1]:3000/", "pass"],
  ["http://[0:0:0:0:0:0:0:1]/", "pass"],
  ["https://bücher.example/", "pass"],
  ["https://xn--bcher-kva.example/", "pass"],
  ["https://x.test/", "pass"],
  ["https://example.org/", "deny"],
  ["https://evil-example.org/", "deny"],
  ["https://example.org.evil.com/", "deny"],
  ["https://xapi.example.com/", "deny"],
  ["http://localhost/", "deny"],
  ["http://localhost:80801/", "error"],
  ["http://x.test/", "deny"],
  ["http://[::2]/", "deny"],
  ["https://user@api.example.com/", "error"],
  ["https://api.example.com@evil.com/", "error"],
  ["https://evil.com#@api.example.com/", "error"],
  ["https://evil.com?@api.example.com/", "error"],
  ["https://evil.com\\@api.example.com/", "error"],
  ["https://api.example.com\\.evil.com/", "error"],
  [" https://api.example.com/", "error"],
  ["https://api.example.com/\t", "error"],
  ["https://api.exa\nmple.com/", "error"],
  ["https://api.example.com\u200b/", "error"],
  ["https:api.example.com", "error"],
  ["https:/api.example.com", "error"],
  ["https:///api.example.com", "error"],
  ["//api.example.com", "error"],
  ["api.example.com", "error"],
  ["ftp://api.example.com/", "error"],
  ["javascript://api.example.com/%0aalert(1)", "error"],
  ["file:///etc/passwd", "error"],
  ["http://api%2eexample.com/", "error"],
  ["http://2130706433/", "error"],
  ["http://0x7f.1/", "error"],
  ["http://0177.0.0.1/", "error"],
  ["http://127.1/", "error"],
  ["http://[::ffff:127.0.0.1]/", "error"],
  ["http://[::127.0.0.1]/", "error"],
  ["http://[64:ff9b::7f00:1]/", "error"],
  ["http://[2002:7f00:1::]/", "error"],
  ["http://a..example.org/", "error"],
  ["http://.example.org/", "error"],
  ["http://evil.com;a.example.org/", "error"],
  ["http://evil.c℀.example.org/", "error"],
  ["http:// /", "error"],
  ["", "error"],
];

describe("host_in", () => {
  test.each(urls)("%j: %s", (u, outcome) => {
    expect(judged(policy, "t", { u }).trace[0]?.outcome).toBe(outcome);
  });

  test.each(["▸[]", "▸5", '▸"*.1.2.3.4"', '▸"https://example.com"', '▸"a b"', '▸"a/b"', '▸""'])(
    "the host %s is a mistake",
    (value) => {
      const text = rules(`{ name: r, conditions: [{ path: args.u, op: host_in, value: ${value} }] }`);
      expect(listedAtMarks(text)[0]).toMatch(/^host_in .* \| write hosts/);
    },
  );
});
