import { type Detector, matchesOf } from "./match.ts";

/**
 * Keys and tokens by the shape their makers give them. What repeats without bound is a shape's end, or starts only
 * where a run of its characters does: looking for them takes linear time whatever the text.
 */
const SHAPES: readonly RegExp[] = [
  // PEM private keys, up to their end or the text's.
  /-----BEGIN [A-Z ]{0,32}PRIVATE KEY(?: BLOCK)?-----(?:[^-]|-(?!----END )){0,16384}(?:-----END [A-Z ]{0,32}PRIVATE KEY(?: BLOCK)?-----)?/g,
  // JWTs.
  /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?/g,
  // Stripe.
  /\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{8,}/g,
  /\bwhsec_[A-Za-z0-9+/=]{16,}/g,
  // OpenAI, Anthropic and those that took the form over.
  /\bsk-[A-Za-z0-9_-]{20,}/g,
  // GitHub, GitLab.
  /\bgh[oprsu]_[A-Za-z0-9]{20,}/g,
  /\bgithub_pat_[A-Za-z0-9_]{20,}/g,
  /\bglpat-[A-Za-z0-9_-]{16,}/g,
  // AWS, Google.
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bAIza[A-Za-z0-9_-]{35}/g,
  /\bya29\.[A-Za-z0-9_-]{20,}/g,
  // Slack, Telegram.
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g,
  /\bxapp-[A-Za-z0-9-]{10,}/g,
  /\bhooks\.slack\.com\/services\/T[A-Z0-9]{6,}\/B[A-Z0-9]{6,}\/[A-Za-z0-9]{16,}/g,
  /\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b/g,
  // npm, PyPI, Hugging Face, DigitalOcean, SendGrid, Shopify, Linear, Notion.
  /\bnpm_[A-Za-z0-9]{30,}/g,
  /\bpypi-[A-Za-z0-9_-]{50,}/g,
  /\bhf_[A-Za-z0-9]{30,}/g,
  /\bdo[opr]_v1_[a-f0-9]{64}/g,
  /\bSG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,}/g,
  /\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}/g,
  /\blin_api_[A-Za-z0-9]{30,}/g,
  /\bntn_[A-Za-z0-9]{40,}/g,
  // Authorization headers.
  /\bBearer[ \t]{1,8}[A-Za-z0-9._~+/-]{16,}=*/g,
  /\bBasic[ \t]{1,8}[A-Za-z0-9+/]{12,}=*/g,
  // The password of a URL.
  /(?<=:\/\/[^\s:/@]{0,128}:)[^\s/@]{1,512}(?=@)/g,
];

export const shapes: Detector = (text) => SHAPES.flatMap((shape) => matchesOf(shape, text, "secret"));
