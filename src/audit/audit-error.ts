/** The audit log cannot be written or read. The message says what happened, to which file, and what to do. */
export class AuditError extends Error {
  override readonly name = "AuditError";
}
