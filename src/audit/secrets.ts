/** Words that make a key's value a secret wherever they stand in it: `db_password`, `secretValue`. */
const SECRET_WORDS = new Set(
  `password passwd passphrase passcode pwd secret secrets credential credentials authorization apikey apikeys
   accesskey secretkey privatekey authtoken accesstoken refreshtoken sessiontoken clientsecret cookie cookies
   otp cvv cvc`.split(/\s+/),
);

/** Pairs of words that do: `x-api-key`, `privateKeyPem`. */
const SECRET_PAIRS = new Set(
  `api key,api keys,access key,private key,secret key,signing key,encryption key,access token,refresh token,
   auth token,access tokens,refresh tokens,auth tokens,api token,api tokens`.split(/,\s*/),
);

/** Last words that say the value is about a secret, not one: `password_length`, `secret_name`, `token_count`. */
const ABOUT_WORDS = new Set(
  `count counts length limit size min max policy policies name names type types id ids expires expiry expiration
   ttl age url uri path file field enabled required version consent`.split(/\s+/),
);

/** Words before a last `token` that make it a place in a list: `next_page_token`. */
const PAGE_WORDS = new Set(["page", "next", "continuation", "sync", "pagination"]);

const KEY_LENGTH_MAX = 128;
const KNOWN_KEYS_MAX = 1000;
const knownKeys = new Map<string, boolean>();

/** Whether a key's name says that its value is a secret. Words are told apart by case, digits and punctuation. */
export function isSecretKey(key: string): boolean {
  // Agents send the same few keys over and over.
  const known = knownKeys.get(key);
  if (known !== undefined) return known;
  const secret = judgeKey(key.slice(0, KEY_LENGTH_MAX));
  if (key.length <= KEY_LENGTH_MAX) {
    if (knownKeys.size >= KNOWN_KEYS_MAX) knownKeys.clear();
    knownKeys.set(key, secret);
  }
  return secret;
}

function judgeKey(key: string): boolean {
  const words = key
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== "");
  const last = words.at(-1);
  if (last === undefined || ABOUT_WORDS.has(last)) return false;
  // "token" names too much (max_tokens, token_count, page_token) to count anywhere but at the end.
  if (last === "token") return !PAGE_WORDS.has(words.at(-2) ?? "");
  if (last === "bearer" || last === "auth" || (last === "pass" && words.length === 1)) return true;
  return words.some((word, i) => SECRET_WORDS.has(word) || SECRET_PAIRS.has(`${word} ${words[i + 1]}`));
}

/**
 * Shapes of secrets. What repeats without bound is either a shape's end, or starts only where a run of its
 * characters does: looking for them takes linear time whatever the text.
 */
const SHAPES = new RegExp(
  [
    // PEM private keys, up to their end or the text's.
    /-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----(?:[^-]|-(?!----END )){0,16384}(?:-----END [A-Z ]{0,32}PRIVATE KEY-----)?/,
    // Stripe.
    /\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{8,}/,
    /\bwhsec_[A-Za-z0-9+/=]{16,}/,
    // OpenAI, Anthropic and those that took the form over.
    /\bsk-[A-Za-z0-9_-]{20,}/,
    // GitHub, GitLab.
    /\bgh[oprsu]_[A-Za-z0-9]{20,}/,
    /\bgithub_pat_[A-Za-z0-9_]{20,}/,
    /\bglpat-[A-Za-z0-9_-]{16,}/,
    // AWS, Google.
    /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/,
    /\bAIza[A-Za-z0-9_-]{35}/,
    /\bya29\.[A-Za-z0-9_-]{20,}/,
    // Slack.
    /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/,
    /\bxapp-[A-Za-z0-9-]{10,}/,
    // npm, PyPI, Hugging Face, DigitalOcean, SendGrid, Shopify.
    /\bnpm_[A-Za-z0-9]{30,}/,
    /\bpypi-[A-Za-z0-9_-]{50,}/,
    /\bhf_[A-Za-z0-9]{30,}/,
    /\bdo[opr]_v1_[a-f0-9]{64}/,
    /\bSG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,}/,
    /\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}/,
    // JWTs.
    /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?/,
    // Authorization headers.
    /\bBearer[ \t]{1,8}[A-Za-z0-9._~+/-]{8,}=*/,
    /\bBasic[ \t]{1,8}[A-Za-z0-9+/]{12,}=*/,
    // The password of a URL.
    /(?<=:\/\/[^\s:/@]{0,128}:)[^\s/@]{1,512}(?=@)/,
  ]
    .map((shape) => shape.source)
    .join("|"),
  "g",
);

/** A text with what has the shape of a secret replaced; the same text where nothing has. */
export function maskText(text: string, replacement: string): string {
  // The shortest shape is the one-letter password of a URL.
  if (text.length < 6) return text;
  return text.replace(SHAPES, replacement);
}
