import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Ends, LineDecoder, oneLine } from "../../src/wire/framing.ts";

function decode(chunks: readonly Buffer[], limit?: number): { frames: string[]; oversize: number } {
  const frames: string[] = [];
  let oversize = 0;
  const decoder = new LineDecoder(
    { onFrame: (frame) => frames.push(frame.toString("utf8")), onOversize: () => oversize++ },
    limit,
  );
  for (const chunk of chunks) decoder.push(chunk);
  decoder.end();
  return { frames, oversize };
}

describe("LineDecoder", () => {
  it("finds the same lines however the bytes are cut", () => {
    const line = fc.string({ unit: "grapheme" }).map((s) => s.replace(/\n/g, ""));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(40), { minLength: 1 }), (lines, sizes) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(""));
        const chunks: Buffer[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = (sizes[i % sizes.length] ?? 0) + 1;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(decode(chunks).frames).toEqual(lines.filter((text) => text !== ""));
      }),
    );
  });

  it("throws away a line over the limit, says so once, and goes on with the next", () => {
    const chunks = [Buffer.from("12345"), Buffer.from("678"), Buffer.from("90\nnext\n")];
    expect(decode(chunks, 8)).toEqual({ frames: ["next"], oversize: 1 });
  });

  it("knows the ends of a line that it threw away", () => {
    const seen: Ends[] = [];
    const decoder = new LineDecoder({ onFrame: () => {}, onOversize: (_limit, ends) => seen.push(ends) }, 8);
    for (const part of ['{"id":1,"re', 'sult":"xxxxxxxxxxx', '"}', "\n"]) decoder.push(Buffer.from(part));
    expect(seen).toEqual([{ head: '{"id":1,"re', tail: '{"id":1,"result":"xxxxxxxxxxx"}' }]);
  });

  it("takes a line of exactly the limit", () => {
    expect(decode([Buffer.from("1234"), Buffer.from("5678\n")], 8)).toEqual({
      frames: ["12345678"],
      oversize: 0,
    });
  });

  it("counts what is left at the end as a line", () => {
    expect(decode([Buffer.from("a\nb")]).frames).toEqual(["a", "b"]);
  });
});

describe("oneLine", () => {
  it("leaves no line break of any reader and the same JSON", () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom("\r", "\n", "\r\n"), (text, end) => {
        const spread = text.replaceAll(",", `,${end}`).replaceAll("{", `{${end}`);
        let value: unknown;
        try {
          value = JSON.parse(spread);
        } catch {
          return; // a comma inside a string: not JSON any more
        }
        const line = oneLine(spread);
        expect(line).not.toMatch(/[\n\r\u0085\u2028\u2029]/);
        expect(JSON.parse(line)).toEqual(value);
      }),
    );
  });

  it("escapes the line breaks that JSON allows inside strings", () => {
    expect(oneLine('{"a":"x\u2028y\u0085z"}')).toBe('{"a":"x\\u2028y\\u0085z"}');
  });
});
