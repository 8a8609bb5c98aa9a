/** How times, durations and numbers read on the screen. */

/** `14:03:12`, local time. */
export function clock(time: number): string {
  const date = new Date(time);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((n) => String(n).padStart(2, "0"))
    .join(":");
}

/** `14:03:12.045`. */
export function clockMs(time: number): string {
  return `${clock(time)}.${String(new Date(time).getMilliseconds()).padStart(3, "0")}`;
}

/** `12s`, `3m`, `3h12m`, `2d4h`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours}h${minutes % 60}m` : `${hours}h`;
  return hours % 24 ? `${Math.floor(hours / 24)}d${hours % 24}h` : `${Math.floor(hours / 24)}d`;
}

/** `14:03:12`, and on another day `2026-11-28 14:03:12`. */
export function moment(time: number, now: number): string {
  const of = day(time);
  return of === day(now) ? clock(time) : `${of} ${clock(time)}`;
}

/** `2026-11-28`, local time. */
export function day(time: number): string {
  const date = new Date(time);
  const parts = [date.getMonth() + 1, date.getDate()].map((n) => String(n).padStart(2, "0"));
  return [date.getFullYear(), ...parts].join("-");
}

/** `just now`, `12s ago`. */
export function ago(time: number, now: number): string {
  return now - time < 1000 ? "just now" : `${duration(now - time)} ago`;
}

/** A call's latency: `0.4ms`, `12ms`, `1.2s`, `2m`. */
export function latency(ms: number): string {
  if (ms === 0) return "<1ms";
  if (ms < 9.95 && !Number.isInteger(ms)) return `${ms.toFixed(1)}ms`;
  if (ms < 999.5) return `${Math.round(ms)}ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)}s` : duration(ms);
}

/** `1,203,400.5`: decimal text or a number with its thousands apart, every digit kept. */
export function number(value: string | number): string {
  const text = String(value);
  const match = /^(-?\d+)(\.\d+)?$/.exec(text);
  return match ? `${match[1]?.replace(/\B(?=(\d{3})+$)/g, ",")}${match[2] ?? ""}` : text;
}

/** `1 call`, `3 calls`. */
export function count(n: number, noun: string): string {
  return `${number(n)} ${noun}${n === 1 ? "" : "s"}`;
}

/** Where a rule is written; what an operator or the gateway itself said is in no file. */
export function placeOf({ file, line }: { readonly file: string; readonly line: number }): string {
  return line > 0 ? `${file}:${line}` : `the ${file === "operator" ? file : "gateway"}`;
}
