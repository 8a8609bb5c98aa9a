import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { openSigner, type PublicKey, readPublicKey } from "../audit/key.ts";
import { type FileReport, verifyDir, verifyFile } from "../audit/verify.ts";
import { locateHome, openHome } from "../state/home.ts";

/**
 * `callgate audit verify`: checks logs, and writes a line for each file and each finding.
 * @param paths logs, or folders of them, by default those of the home; in a folder, also that each file continues the one before it.
 * @param keyFile public key that must have signed them; by default that of the home, where it has one.
 * @param out takes text with its line feeds.
 * @returns the exit code: 0 where every chain is whole, 1 where one is not or cannot be read.
 */
export async function auditVerify(
  paths: readonly string[],
  keyFile: string | null,
  out: (text: string) => void,
): Promise<number> {
  const key = keyOf(keyFile);
  let whole = true;
  for (const path of paths.length > 0 ? paths : [locateHome().auditDir]) {
    try {
      const reports = (await stat(path)).isDirectory()
        ? await verifyDir(path, key)
        : [await verifyFile(path, key)];
      if (reports.length === 0) out(`${path}: no audit logs here\n`);
      const continued = new Set(reports.map((report) => report.previous?.file));
      for (const report of reports) {
        print(report, continued.has(basename(report.path)), out);
        whole &&= report.findings.length === 0;
      }
    } catch (error) {
      out(`${path}: cannot be verified: ${error instanceof Error ? error.message : String(error)}\n`);
      whole = false;
    }
  }
  return whole ? 0 : 1;
}

/** `callgate audit key`: prints the public key that verifies this home's logs, for those who keep it elsewhere. */
export async function auditKey(out: (text: string) => void): Promise<number> {
  const { auditKey } = openHome();
  openSigner(auditKey); // made on first use
  out(readPublicKey(auditKey).pem);
  return 0;
}

function keyOf(file: string | null): PublicKey | null {
  if (file !== null) return readPublicKey(file);
  const { auditKey } = locateHome();
  return existsSync(auditKey) ? readPublicKey(auditKey) : null;
}

function print(report: FileReport, continued: boolean, out: (text: string) => void): void {
  const { path, records, findings, more, torn, closed, unsigned } = report;
  for (const { line, message } of findings) out(`${path}:${line} ${message}\n`);
  if (more > 0) out(`${path}: and ${more} more\n`);
  if (torn !== null) {
    out(`${path}:${torn} breaks off in the middle of a record, as a crash or a write under way leaves it\n`);
  }
  const count = `${records} ${records === 1 ? "record" : "records"}`;
  const state = findings.length === 0 ? "the chain is whole" : "NOT as it was written";
  const signed = unsigned === null ? "" : signatureText(unsigned, records);
  const end = closed || continued ? "" : " (no close record: still written, killed, or cut off at the end)";
  out(`${path}: ${count}, ${state}${findings.length === 0 ? signed : ""}${end}\n`);
}

/** Of a file with nothing to find: how far its checkpoints reach. A `close` record comes after the last. */
function signatureText(unsigned: number, records: number): string {
  if (unsigned === records) return ", not signed";
  return unsigned > 1 ? `, signed but for the last ${unsigned}` : ", signed";
}
