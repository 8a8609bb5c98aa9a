/** A held call's arguments in the person's editor, until they are JSON or given up. */
import { type CallDetail, callDetail } from "../control/protocol.ts";
import { isObject } from "../wire/json.ts";
import { parseStrict } from "../wire/parse.ts";
import { editText } from "./editor.ts";
import { goneText, toolOf } from "./holds.ts";
import type { HoldRow } from "./merge.ts";
import { promptOf } from "./prompt.ts";
import type { Store } from "./store.ts";

export async function editHold(store: Store, row: HoldRow): Promise<void> {
  try {
    const { arguments: text } = await detailOf(store, row);
    if (text.endsWith("…")) return store.notice("these arguments are too long to edit here");
    await editFrom(store, row, text, text);
  } catch (error) {
    await failed(store, row, error);
  }
}

/** It may have been answered, or its time may have been up, while it was edited. */
async function failed(store: Store, row: HoldRow, error: unknown): Promise<void> {
  store.notice((await goneText(store, row)) ?? reason(error));
}

/** @param text what to begin with; `original` what the call has */
async function editFrom(store: Store, row: HoldRow, original: string, text: string): Promise<void> {
  const tool = toolOf(store, row);
  const edited = await editText(store, `${tool}.json`, text);
  const again = () => void editFrom(store, row, original, edited).catch((error) => failed(store, row, error));
  if (edited.trim() === original.trim())
    return store.notice(`nothing was edited: ${tool} is still held, and a approves it as it is`);
  const wrong = mistake(edited);
  if (wrong !== null) {
    ask(store, "edit again? y/n", wrong, again);
    return;
  }
  const json = JSON.stringify(parseStrict(edited));
  const tried = callDetail.parse(await store.options.ask(row.gateway, `try-edit ${row.hold.id} ${json}`));
  const send = () => void sent(store, row, json).catch((error) => failed(store, row, error));
  ask(store, `send ${tool} as edited? y/n, e edits again`, wouldBe(tried), send, { e: again });
}

function ask(store: Store, label: string, hint: string, yes: () => void, keys = {}): void {
  const enter = () => {
    yes();
    return null;
  };
  store.ui.prompt = promptOf("question", { label, hint, enter, keys });
  store.changed("person");
}

/** What becomes of the call as edited, before it is sent. */
function wouldBe({ call: { verdict, rule, message } }: CallDetail): string {
  if (verdict === "allow") return "as edited, rules would let it go on";
  const by = rule === null ? "" : ` by "${rule.name}"`;
  return verdict === "deny"
    ? `as edited, it would be denied${by}: ${message}`
    : `as edited, it would be held again${by}`;
}

async function sent(store: Store, row: HoldRow, json: string): Promise<void> {
  await store.options.ask(row.gateway, `edit ${row.hold.id} ${json}`);
  store.say(await verdict(store, row));
}

async function detailOf(store: Store, { gateway, hold }: HoldRow) {
  return callDetail.parse(await store.options.ask(gateway, `why ${hold.id}`));
}

/** The edit was judged again: what came of it. */
async function verdict(store: Store, row: HoldRow): Promise<string> {
  const { call } = await detailOf(store, row);
  const tool = toolOf(store, row);
  if (call.verdict === "deny")
    return `${tool} was judged again as edited, and denied by "${call.rule?.name ?? ""}"`;
  if (call.verdict === "ask") return `${tool} was judged again as edited, and is held by another rule`;
  return `${tool} went on as edited`;
}

function mistake(text: string): string | null {
  try {
    return isObject(parseStrict(text)) ? null : 'The arguments must be a JSON object, as in {"amount": 100}.';
  } catch (error) {
    return reason(error);
  }
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
