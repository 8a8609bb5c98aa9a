import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mask } from "../../src/audit/mask.ts";
import { isSecretKey, maskText } from "../../src/audit/secrets.ts";
import type { Json, JsonObject } from "../../src/wire/json.ts";

const SECRET_KEYS =
  `password passwd PASSWORD db_password userPassword password2 passphrase secret client_secret clientSecret
  secretKey token access_token accessToken refreshToken id_token api_key apikey apiKey APIKey X-API-Key OPENAI_API_KEY
  authorization Authorization proxy-authorization credential credentials private_key privateKeyPem AWS_SECRET_ACCESS_KEY
  cookie Set-Cookie auth pass otp cvv`.split(/\s+/);

const PLAIN_KEYS =
  `token_count max_tokens tokens tokenizer total_tokens page_token nextPageToken password_length
  password_policy secretary secret_name author authority keyboard key public_key monkey cookie_consent compass passenger
  credential_type secret_version amount name path description passed bypass api endpoint`.split(/\s+/);

test.each(SECRET_KEYS)("%s is the key of a secret", (key) => {
  expect(isSecretKey(key)).toBe(true);
  expect(mask({ a: [{ [key]: "hunter2" }] })).toEqual({ a: [{ [key]: "[masked]" }] });
});

test.each(PLAIN_KEYS)("%s is not", (key) => {
  expect(isSecretKey(key)).toBe(false);
  const args = { [key]: "plain" };
  expect(mask(args)).toBe(args);
});

// Put together here, so that no scanner takes the samples for leaks.
const SECRETS = [
  ["sk", "_live_", "4eC39HqLyjWDarjtT1zdp7dc"],
  ["rk", "_test_", "4eC39HqLyjWDarjtT1zdp7dc"],
  ["sk", "-ant-api03-", "a".repeat(40)],
  ["gh", "p_", "16C7e42F292c6912E7710c838347Ae178B4a"],
  ["github", "_pat_", "11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz"],
  ["AK", "IA", "IOSFODNN7EXAMPLE"],
  ["xo", "xb-", "123456789012-1234567890123-abcdefghijkl"],
  ["xo", "xp-", "123456789012-123456789012-abcdef"],
  ["AI", "za", "SyDdI0hCZtE6vySjMm-WEfRq3CPzqKqqsHI"],
  ["eyJ", "hbGciOiJIUzI1NiJ9", ".eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"],
  ["Bearer ", "abc", "def.123-456_789"],
  ["-----BEGIN ", "RSA PRIVATE KEY-----\nMIIEow", "IBAAKCAQ-EA\n-----END RSA PRIVATE KEY-----"],
  ["-----BEGIN ", "PRIVATE KEY-----", "\nMIIE cut off"],
].map((parts) => parts.join(""));

describe("a text with a secret in it", () => {
  test.each(SECRETS)("%s", (secret) => {
    expect(mask({ note: secret })).toEqual({ note: "[masked]" });
    expect(mask({ list: [`use (${secret}`] })).toEqual({ list: ["use ([masked]"] });
  });

  test("the password of a URL, and nothing else of it", () => {
    expect(maskText("postgres://ann:pa55w0rd@db:5432/x", "*")).toBe("postgres://ann:*@db:5432/x");
    expect(maskText("http://localhost:8080/a@b", "*")).toBe("http://localhost:8080/a@b");
  });

  test("a long one is masked to its end", () => {
    expect(maskText(`sk-${"a".repeat(5000)} end`, "*")).toBe("* end");
  });
});

test("texts that only look a little like it stay", () => {
  for (const text of [
    "task-list",
    "risk-averse-and-very-long-hyphenated-word",
    "the bearer of news",
    "AKIA",
    "eyJ",
    "ask_live_x",
  ]) {
    expect(maskText(text, "*")).toBe(text);
  }
});

test("what says whether there is one is kept; any other value is masked whole", () => {
  const args = { password: null, token: true, secret: "" };
  expect(mask(args)).toBe(args);
  expect(mask({ credentials: { user: "u", pin: [1] }, otp: 123456 })).toEqual({
    credentials: "[masked]",
    otp: "[masked]",
  });
});

test("only what changed is copied, and the original never changes", () => {
  const args = { plain: { deep: [1, 2] }, other: { password: "x" } };
  const masked = mask(args);
  expect(args.other.password).toBe("x");
  expect(masked.plain).toBe(args.plain);
  const exact: JsonObject = { amount: JSON.rawJSON("1.000000000000000000001") };
  expect(mask(exact)).toBe(exact);
});

test("a key named __proto__ is a key like any other", () => {
  const args = JSON.parse('{"__proto__": {"password": "x"}, "token": "y"}');
  expect(JSON.stringify(mask(args))).toBe('{"__proto__":{"password":"[masked]"},"token":"[masked]"}');
});

test("arguments without secrets come back as the same object", () => {
  const plain = fc
    .jsonValue()
    .filter(
      (value) => !/pass|secret|token|key|auth|otp|cvv|pwd|cvc|cookie|credential/i.test(JSON.stringify(value)),
    );
  fc.assert(
    fc.property(plain, (value) => {
      const args: JsonObject = { value: value as Json };
      expect(mask(args)).toBe(args);
    }),
  );
});

test("nesting without end is cut, not a crash", () => {
  let deep: Json = "x";
  for (let i = 0; i < 100_000; i++) deep = i % 2 === 0 ? [deep] : { a: deep };
  expect(() => JSON.stringify(mask({ deep }))).not.toThrow();
});

test("time is linear in the text", () => {
  const units = [
    "a",
    "eyJ",
    "eyJaaaaaaaa.",
    "sk-",
    "sk_live_",
    "://",
    "://a:",
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN ",
    "Bearer ",
    "xoxb-",
  ];
  for (const unit of units) {
    const text = unit.repeat(2_000_000 / unit.length);
    const start = performance.now();
    maskText(text, "*");
    expect(performance.now() - start).toBeLessThan(1500);
  }
});
