/** What an operator changed becomes rules of a file: shown, asked about, written. */
import { basename, resolve } from "node:path";
import { type DraftView, draftView } from "../../control/protocol.ts";
import { nameMatches } from "../../policy/tools/names.ts";
import { answerTo } from "../answers.ts";
import { askTo } from "../ask.ts";
import { openAnswer } from "../detail.ts";
import type { GatewayState } from "../gateway-state.ts";
import { type Prompt, promptOf } from "../prompt.ts";
import type { Store } from "../store.ts";

/** Shows what would be written, and asks. */
export async function drafted(store: Store, gateway: GatewayState, argument: string): Promise<void> {
  const { id } = gateway.view;
  const value = await store.options.ask(id, `write ${argument}`.trim());
  const draft = draftView.parse(value);
  const answer = answerTo("write", draft);
  if (answer !== null) openAnswer(store, answer);
  const prompt = promptOf("question", {
    label: `write this to ${draft.file}? y/n`,
    hint: `then: ${draft.takeBack.join(", ")}`,
    keys: scrolling(store, () => prompt),
    enter() {
      void written(store, gateway, draft);
      return null;
    },
  });
  store.ui.prompt = prompt;
  store.changed("person");
}

/** What is asked about may be longer than the screen: the question stays while it is scrolled. */
function scrolling(store: Store, prompt: () => Prompt): Record<string, () => void> {
  const by = { j: 1, down: 1, k: -1, up: -1 };
  return Object.fromEntries(
    Object.entries(by).map(([key, rows]) => [
      key,
      () => {
        store.run(`move ${rows}`);
        store.ui.prompt = prompt();
      },
    ]),
  );
}

async function written(store: Store, { view }: GatewayState, draft: DraftView): Promise<void> {
  let said: string;
  try {
    said = String(await store.options.ask(view.id, `write yes ${draft.token}`));
  } catch (error) {
    return store.notice(error instanceof Error ? error.message : String(error));
  }
  store.run("back");
  const file = resolve(view.cwd, draft.file);
  const others = [...store.live.gateways.values()].filter(
    (each) => each.view.id !== view.id && each.endedAt === null && undoes(each, draft.takeBack),
  );
  const same = others.filter((each) => decidedBy(each, file, draft.servers));
  const elsewhere = others
    .filter((each) => !same.includes(each))
    .map((each) => store.live.nameOf(each.view.id));
  store.say(
    elsewhere.length > 0
      ? `${basename(file)} says it now; for ${elsewhere.join(", ")}, which it is not for, it stays for now`
      : said,
  );
  for (const other of same) await relieve(store, other, draft.takeBack);
}

/** Whether one of these takes back something that a gateway was told. */
function undoes({ operator: { blocks, allows, holds } }: GatewayState, takeBack: readonly string[]): boolean {
  const told = [
    ...blocks.map(({ tool }) => `unblock ${tool}`),
    ...allows.map(({ tool }) => `unallow ${tool}`),
    ...holds.map((filter) => `resume ${filter}`),
  ];
  return takeBack.some((command) => told.includes(command));
}

/** Whether a gateway does what the file says, for all of its servers. */
function decidedBy(
  { view, policy, upstreams, operator }: GatewayState,
  file: string,
  servers: DraftView["servers"],
): boolean {
  if (operator.shadow || !policy.files.some((each) => resolve(view.cwd, each) === file)) return false;
  return (
    servers === null || upstreams.every(({ name }) => servers.some((pattern) => nameMatches(pattern, name)))
  );
}

/** Takes back at a gateway what the file says now; first it reads the file, so that nothing goes through meanwhile. */
async function relieve(store: Store, gateway: GatewayState, takeBack: readonly string[]): Promise<void> {
  const { failed } = await askTo(store, [gateway], "reload");
  if (failed[0] !== undefined) return store.notice(failed[0]);
  for (const command of takeBack) await askTo(store, [gateway], command);
}
