import type { JsonObject } from "../wire/json.ts";

/** How a call that was let through ended; `input_required` is the end of a round, and the call goes on. */
export type Outcome = "ok" | "tool_error" | "error" | "input_required" | "cancelled" | "lost";

/** What an audit record says, apart from its place in the chain. Times are ISO 8601 UTC; durations are in ms. */
export type RecordBody =
  | {
      kind: "open";
      gateway: string;
      version: string;
      pid: number;
      previous: { file: string; hash: string } | null;
    }
  | {
      kind: "call";
      call: string;
      /** When it arrived, or was approved, in ms since the epoch: what rules took for the time. */
      arrived: number;
      upstream: string;
      agent: string;
      session: string;
      /** What `tool` names. */
      target: "tool" | "resource" | "prompt";
      tool: string;
      /** What the server says of the tool; null where it says nothing. */
      annotations: JsonObject | null;
      arguments: JsonObject | { $hash: string; $bytes: number };
      /** How much of the arguments is here: all, all but what was masked, or only their hash. */
      recorded: "whole" | "masked" | "hash";
      /** The arguments that plugins made of them, which were judged and sent; null where they left them alone. */
      edited: JsonObject | null;
      /** The plugins that were asked, and the hash of all files of each. */
      plugins: { name: string; hash: string }[];
      verdict: "allow" | "deny" | "ask";
      rule: { name: string; tool: string; file: string; line: number } | null;
      message: string;
      /** Whether the gateway blocks nothing (`--shadow`). */
      shadow: boolean;
      /** What would have been in earnest, by files in shadow mode or without `--shadow`; null where the same. */
      would: { verdict: "deny" | "ask"; rule: string; message: string } | null;
      policy: string;
      /** Counter values before the decision and what it added, as decimal text, by counter id. */
      counters: { id: string; before: string; add: string }[];
      /** Whether its counters could not be reached: it was decided as if each stood at zero, and counted nowhere. */
      uncounted: boolean;
    }
  | {
      /** What came of holding a call; a `call` record with the final verdict follows an approval. */
      kind: "hold";
      call: string;
      answer: "approved" | "edited" | "denied" | "expired" | "cancelled";
      message: string;
    }
  | {
      kind: "result";
      call: string;
      outcome: Outcome;
      resultHash: string | null;
      /** Size of the answer as it came; null where none did. */
      bytes: number | null;
      ms: number;
      refunded: boolean;
      /** What `results:` made of the answer; null where the agent was handed what came. */
      handed: {
        verdict: "deny" | "redact" | "replace";
        rule: string;
        message: string;
        shadow: boolean;
      } | null;
      /** The plugins that were asked about the answer: name, and hash of all its files. */
      plugins: { name: string; hash: string }[];
    }
  | { kind: "refused"; session: string; side: "agent" | "upstream"; reason: string }
  | { kind: "reload"; policy: string; ok: boolean; problems: string[] }
  /** What an operator changed for now, on top of the policy: the command as it was given. */
  | { kind: "operator"; command: string; counter?: CounterSet | undefined }
  | {
      /** Ed25519 over `prev`, in base64, and the id of the key that made it. */
      kind: "checkpoint";
      key: string;
      signature: string;
    }
  /** Files that this gateway removed because they were older than it was to keep them. */
  | { kind: "removed"; files: string[] }
  | { kind: "close"; reason: string };

/** A counter that an operator made stand at another value. */
export interface CounterSet {
  readonly upstream: string;
  readonly scope: string;
  readonly counter: string;
  /** As the state file has it: "calendar day Europe/London". */
  readonly window: string;
  readonly partition: string;
  /** ms since the epoch, within the window. */
  readonly at: number;
  /** Decimal text. */
  readonly before: string;
  readonly after: string;
}

export type RecordKind = RecordBody["kind"];

/** One line of the log. `hash` is SHA-256 over the line's own bytes up to `,"hash":`; `prev` is the line before's. */
export type AuditRecord = RecordBody & { seq: number; time: string; prev: string; hash: string };
