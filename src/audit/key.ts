import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { AuditError } from "./audit-error.ts";
import type { Sign } from "./log.ts";

/** What tells whether a checkpoint was signed by one key. */
export interface PublicKey {
  /** What checkpoints name it by. */
  readonly id: string;
  /** As PEM, for those who verify elsewhere. */
  readonly pem: string;
  signed(hash: string, signature: string): boolean;
}

/**
 * Signs with the private key of a file, which is made where there is none.
 * @throws {AuditError} where it cannot be read or made.
 */
export function openSigner(path: string): Sign {
  const key = privateKey(path);
  const { id } = publicKeyOf(createPublicKey(key));
  return (hash) => ({ key: id, signature: sign(null, payload(hash), key).toString("base64") });
}

/**
 * The public key of a PEM file, which may hold a private key.
 * @throws {AuditError} where it has none.
 */
export function readPublicKey(path: string): PublicKey {
  try {
    return publicKeyOf(createPublicKey(readFileSync(path)));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AuditError(
      `the key ${path} cannot be read (${reason}). Give an Ed25519 key as PEM: callgate audit key prints it.`,
      { cause },
    );
  }
}

function publicKeyOf(key: KeyObject): PublicKey {
  if (key.asymmetricKeyType !== "ed25519") throw new Error("it is not an Ed25519 key");
  return {
    id: hash("sha256", key.export({ type: "spki", format: "der" })).slice(0, 16),
    pem: key.export({ type: "spki", format: "pem" }).toString(),
    signed: (hash, signature) => verify(null, payload(hash), key, Buffer.from(signature, "base64")),
  };
}

/** The same bytes are never signed for another purpose. */
const payload = (hash: string) => Buffer.from(`callgate audit checkpoint ${hash}`);

function privateKey(path: string): KeyObject {
  try {
    makeKey(path);
    return createPrivateKey(readFileSync(path));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AuditError(
      `the key ${path} cannot be used (${reason}), so the audit log goes unsigned. ` +
        "Make it readable, or move it away for a new one to be made.",
      { cause },
    );
  }
}

/** Makes the key unless it is there. Of several gateways that start at once, one makes it, whole. */
function makeKey(path: string): void {
  if (existsSync(path)) return;
  const { privateKey } = generateKeyPairSync("ed25519");
  const own = `${path}.${process.pid}`;
  try {
    writeFileSync(own, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600, flag: "wx" });
    linkSync(own, path);
  } catch (error) {
    if (!existsSync(path)) throw error;
  } finally {
    rmSync(own, { force: true });
  }
}
