/** What a confused or hostile agent may send to get past the gate. None of it may reach a server. */

export const CAP = 50_000;
export const MAX_MESSAGE = 100_000;

export const POLICY = `
version: "1"
hide: [delete_everything, "internal_*"]
tools:
  create_charge:
    rules:
      - { name: cap, conditions: [{ path: args.amount, op: lte, value: ${CAP} }] }
`;

/** A JSON-RPC error with this code, or a denial. */
type Outcome = number | "denied";

export interface Attack {
  readonly what: string;
  readonly frame: string | Buffer;
  readonly is: Outcome;
  /** A request that is in flight meanwhile. */
  readonly open?: { readonly id: string | number; readonly frame: string };
}

const OVER = '{"name":"create_charge","arguments":{"amount":60000}}';
const message = (fields: string, id = '"a"') => `{"jsonrpc":"2.0","id":${id},${fields}}`;
const call = (params = OVER, id?: string) => message(`"method":"tools/call","params":${params}`, id);
const charge = (args: string) => call(`{"name":"create_charge","arguments":${args}}`);
const named = (name: string) => call(`{"name":"${name}","arguments":{"amount":60000}}`);
const method = (name: string) => message(`"method":"${name}","params":${OVER}`);
const slow = (id: string) => ({
  id: JSON.parse(id),
  frame: call('{"name":"slow","arguments":{"ms":100}}', id),
});
const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));
const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

/** The same outcome for each of these frames. */
function all(is: Outcome, frames: Record<string, string | Buffer>): Attack[] {
  return Object.entries(frames).map(([what, frame]) => ({ what, frame, is }));
}

const FRAMES = [
  ...all(-32600, {
    "a batch": `[${call()}]`,
    "a batch that begins with a ping": `[${message('"method":"ping"')},${call()}]`,
    "an empty batch": "[]",
    "a frame over the limit": charge(`{"amount":60000,"x":"${"x".repeat(MAX_MESSAGE)}"}`),
    "another JSON-RPC": call().replace('"2.0"', '"1.0"'),
    "JSON-RPC as a number": call().replace('"2.0"', "2.0"),
    "no JSON-RPC": call().replace('"jsonrpc":"2.0",', ""),
  }),
  ...all(-32700, {
    "a byte order mark": bytes([0xef, 0xbb, 0xbf], call()),
    "UTF-16": Buffer.from(call(), "utf16le"),
    "a byte that is no UTF-8": bytes(call().slice(0, -2), ',"x":"', [0xff], '"}}'),
    "an overlong slash in the method": bytes(
      '{"jsonrpc":"2.0","id":"a","method":"tools',
      [0xc0, 0xaf],
      'call"}',
    ),
    "a surrogate as UTF-8": bytes('{"jsonrpc":"2.0","id":"a","method":"', [0xed, 0xa0, 0x80], '"}'),
    "half a character": bytes('{"jsonrpc":"2.0","id":"a","method":"', [0xe2, 0x82], '"}'),
    "a lone surrogate in an argument": charge('{"amount":60000,"x":"\\ud800"}'),
    "a lone surrogate in a key": charge('{"amount":60000,"\\udc00":1}'),
    "a lone surrogate in a name": named("create_charge\\ud83d"),
    "a lone surrogate in an id": call(OVER, '"\\ud800"'),
    "nesting of 257": charge(`{"amount":60000,"x":${nested(255)}}`),
    "two frames with a bare carriage return between": `${message('"method":"ping"')}\r${call()}`,
    "a carriage return in a string": message(`"method":"ping","params":{"x":"\r${call()}\r"}`),
    "a vertical tab between tokens": call().replace(",", ",\v"),
    "a no-break space between tokens": call().replace(",", ",\u00a0"),
    "a NUL in a string": named("create_charge\0"),
    "a comment": `/**/${call()}`,
    "a trailing comma": `${call().slice(0, -1)},}`,
    "single quotes": call().replaceAll('"', "'"),
    Infinity: charge('{"amount":Infinity}'),
    "a number with a sign": charge('{"amount":+60000}'),
    "a hexadecimal number": charge('{"amount":0xEA60}'),
  }),
];

const KEYS = [
  ...all(-32700, {
    "the method twice": message(`"method":"ping","method":"tools/call","params":${OVER}`),
    "the method twice, once escaped": message(`"method":"ping","\\u006dethod":"tools/call","params":${OVER}`),
    "the params twice": message(`"method":"tools/call","params":{"name":"echo"},"params":${OVER}`),
    "the id twice": `{"id":"b",${call().slice(1)}`,
    "the name twice": call(`{"name":"echo",${OVER.slice(1)}`),
    "the name twice, once escaped": call(`{"n\\u0061me":"echo",${OVER.slice(1)}`),
    "the arguments twice": call(`{"arguments":{"amount":5},${OVER.slice(1)}`),
    "an argument twice": charge('{"amount":5,"amount":60000}'),
    "an argument twice, once escaped": charge('{"amount":5,"\\u0061mount":60000}'),
    "a key twice deep down": charge('{"amount":5,"x":[{"y":{"k":1,"k":2}}]}'),
    "__proto__ twice": charge('{"amount":5,"__proto__":1,"__proto__":{"amount":60000}}'),
  }),
  ...all(-32600, {
    "Method beside method": message(`"method":"ping","Method":"tools/call","params":${OVER}`),
    "METHOD alone": message(`"METHOD":"tools/call","params":${OVER}`),
    "Params beside params": message(`"method":"tools/call","params":{"name":"echo"},"Params":${OVER}`),
    "params with a long s": message(`"method":"tools/call","params":{"name":"echo"},"param\u017f":${OVER}`),
    "method in full width": message(`"method":"ping","\uff4dethod":"tools/call","params":${OVER}`),
    "a method key with a space": message(`"method":"ping","method ":"tools/call","params":${OVER}`),
    "Id beside id": call().replace("{", '{"Id":"b",'),
    "Name beside name": call('{"name":"echo","Name":"create_charge","arguments":{"amount":60000}}'),
    "NAME alone": call(OVER.replace("name", "NAME")),
    "Arguments beside arguments": call(
      '{"name":"create_charge","arguments":{"amount":5},"Arguments":{"amount":60000}}',
    ),
    "arguments with a long s": call(
      '{"name":"create_charge","arguments":{"amount":5},"argument\u017f":{"amount":60000}}',
    ),
    "a PROGRESSTOKEN in _meta": call('{"name":"echo","_meta":{"PROGRESSTOKEN":1}}'),
    "_META beside _meta": call('{"name":"echo","_meta":{},"_META":{"progressToken":1}}'),
    "a cancel with a requestid":
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"x","requestid":"y"}}',
    "a message inside __proto__": `{"__proto__":${call()},"jsonrpc":"2.0","id":"a"}`,
  }),
  ...all("denied", {
    "Amount beside amount": charge('{"amount":5,"Amount":60000}'),
    "AMOUNT alone": charge('{"AMOUNT":60000}'),
    "an amount inside __proto__": charge('{"__proto__":{"amount":5}}'),
    "an amount inside constructor": charge('{"constructor":{"prototype":{"amount":5}}}'),
    "an amount beside __proto__": charge('{"__proto__":{"amount":5},"amount":60000}'),
    "a key spelled with escapes": charge('{"\\u0061mount":60000}'),
  }),
];

const TYPES = all(-32600, {
  "params as an array": message(`"method":"tools/call","params":[${OVER}]`),
  "params as a string": message(`"method":"tools/call","params":"${OVER.replaceAll('"', '\\"')}"`),
  "params as null": message('"method":"tools/call","params":null'),
  "params as a number": message('"method":"tools/call","params":5'),
  "a method that is an array": message(`"method":["tools/call"],"params":${OVER}`),
  "a method that is null": message(`"method":null,"params":${OVER}`),
  "an array": "[[1]]",
  "a string": '"ping"',
  "a number": "5",
}).concat(
  all(-32602, {
    "arguments as an array": call('{"name":"create_charge","arguments":[60000]}'),
    "arguments as a string": call('{"name":"create_charge","arguments":"{\\"amount\\":60000}"}'),
    "arguments as null": call('{"name":"create_charge","arguments":null}'),
    "arguments as a number beyond a double": call(
      '{"name":"create_charge","arguments":12345678901234567890}',
    ),
    "a name that is an array": call('{"name":["create_charge"],"arguments":{"amount":60000}}'),
    "a name inside __proto__": call(`{"__proto__":${OVER}}`),
    "no params": message('"method":"tools/call"'),
  }),
);

const IDS = [
  ...["1.5", "null", "true", "{}", '["a"]', "9007199254740993", "1e400", `"${"x".repeat(2000)}"`].map(
    (id): Attack => ({ what: `the id ${id.slice(0, 20)}`, frame: call(OVER, id), is: -32600 }),
  ),
  ...(
    [
      ["a text", '"x1"', '"x1"'],
      ["a text, once escaped", '"x2"', '"\\u00782"'],
      ["a number", "71", "71"],
      ["a number, as a text", "72", '"72"'],
      ["a text, as a number", '"73"', "73"],
      ["a number, with a fraction of nothing", "74", "74.0"],
    ] as const
  ).map(([what, first, second]): Attack => {
    const frame = call('{"name":"create_charge","arguments":{"amount":5}}', second);
    return { what: `an id in flight: ${what}`, open: slow(first), frame, is: -32600 };
  }),
];

const ANSWERS = all(-32600, {
  "an answer to nothing": message('"result":{}'),
  "an error for nothing": message('"error":{"code":1,"message":"x"}'),
  "an answer to the id null": message('"result":{}', "null"),
  "an answer without an id": '{"jsonrpc":"2.0","result":{}}',
  "an answer that is a call": message(`"method":"tools/call","params":${OVER},"result":{}`),
  "an error that is a call": message(`"method":"tools/call","params":${OVER},"error":null`),
  "an answer and an error": message('"result":{},"error":{"code":1,"message":"x"}'),
  "neither a call nor an answer": message(`"params":${OVER}`),
});

const NAMES = [
  ...all(-32602, {
    "no name": call('{"arguments":{"amount":60000}}'),
    "an empty name": named(""),
    "a name of 129": named("x".repeat(129)),
  }),
  ...Object.entries({
    "a zero-width space": "\u200b",
    "a word joiner": "\u2060",
    "a byte order mark": "\ufeff",
    "a soft hyphen": "\u00ad",
    "a grapheme joiner": "\u034f",
    "a Hangul filler": "\u3164",
    "a variation selector": "\ufe0f",
    "a tag character": "\u{e0041}",
    "right-to-left": "\u202e",
    "an isolate": "\u2066",
    "a line separator": "\u2028",
    "a next line": "\u0085",
    "a delete": "\u007f",
    "an escape": "\\u001b",
    "a line feed": "\\n",
    "a private character": "\ue000",
    "an unassigned character": "\u0378",
  }).map(
    ([what, c]): Attack => ({ what: `a name with ${what}`, frame: named(`create_${c}charge`), is: -32602 }),
  ),
  ...[
    "Create_Charge",
    " create_charge",
    "create_charge ",
    "\u00a0create_charge",
    "\uff43reate_charge",
    "create\uff3fcharge",
    "DELETE_EVERYTHING",
    "delete_everyth\u0131ng",
    "Internal_api",
    "INTERNAL_",
  ].map((name): Attack => ({ what: `the name ${JSON.stringify(name)}`, frame: named(name), is: "denied" })),
  ...all("denied", {
    "a name spelled with escapes": named("\\u0063reate_charge"),
    "a method spelled with escapes": method("tools\\/c\\u0061ll"),
    "a hidden tool": named("delete_everything"),
    "a tool hidden by a glob": named("internal_api"),
  }),
];

const METHODS = [
  ...[
    "Tools/Call",
    "TOOLS/CALL",
    "tools/call ",
    " tools/call",
    "\\ttools/call",
    "tools/call\\n",
    "tools/cal\uff4c",
    "Tools/List",
    "tools/li\u017ft",
  ].map((name): Attack => ({ what: `the method ${name}`, frame: method(name), is: -32600 })),
  ...all(-32600, {
    "a call without an id": `{"jsonrpc":"2.0","method":"tools/call","params":${OVER}}`,
    "a call in disguise without an id": `{"jsonrpc":"2.0","method":"Tools/Call","params":${OVER}}`,
  }),
];

export const ATTACKS: readonly Attack[] = [
  ...FRAMES,
  ...KEYS,
  ...TYPES,
  ...IDS,
  ...ANSWERS,
  ...NAMES,
  ...METHODS,
];
