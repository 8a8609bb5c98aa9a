/** Commands to gateways of which the screen does more than show what is answered. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type GatewayCommandName, gatewayCommands } from "../../control/commands.ts";
import { callDetail } from "../../control/protocol.ts";
import { recipient } from "../../control/recipient.ts";
import { answerOf } from "../answers.ts";
import { askTo, refused } from "../ask.ts";
import type { Command } from "../command.ts";
import { openAnswer, openCall } from "../detail.ts";
import type { GatewayState } from "../gateway-state.ts";
import type { Store } from "../store.ts";
import { expand } from "./files.ts";
import { drafted } from "./write.ts";

export const ownCommands: Readonly<Partial<Record<GatewayCommandName, Command>>> = {
  call: {
    ...named("call"),
    run(store, argument) {
      const to = theOne(store, "call", argument);
      if (typeof to === "string") return to;
      store.say(`calling ${argument.split(/\s/, 1)[0]} …`);
      void made(store, to, argument).catch((error: Error) => refused(store, error.message));
      return null;
    },
  },
  write: {
    ...named("write"),
    run(store, argument) {
      const to = theOne(store, "write", argument);
      if (typeof to === "string") return to;
      void drafted(store, to, argument).catch((error: Error) => refused(store, error.message));
      return null;
    },
  },
  whatif: {
    name: "whatif",
    args: "[FILE]",
    help: "what a draft of the policy would have made of the last calls; alone, what the last reload would have",
    run(store, argument) {
      if (argument === "") return lastReload(store);
      // A gateway may have been started in another folder.
      const here = resolve(expand(argument));
      const file = existsSync(here) ? here : argument;
      const running = store.model.shown.filter(({ endedAt }) => endedAt === null);
      void askTo(store, running, `whatif ${file}`).then(({ answers, failed }) => {
        if (failed[0] !== undefined) return refused(store, failed[0]);
        const found = answerOf("whatif", answers);
        if (found !== null) openAnswer(store, found);
      });
      return running.length > 0 ? null : "no gateway is running";
    },
  },
};

function named(name: GatewayCommandName): Pick<Command, "name" | "args" | "help"> {
  const { args = "", help = "" } = gatewayCommands.find((each) => each.name === name) ?? {};
  return { name, args, help };
}

function theOne(store: Store, name: GatewayCommandName, argument: string): GatewayState | string {
  const running = store.model.shown.filter(({ endedAt }) => endedAt === null);
  return recipient(named(name), argument, running, (gateway) => gateway);
}

/** The call's own detail once it has ended; a held one is where all held ones are. */
async function made(store: Store, { view }: GatewayState, argument: string): Promise<void> {
  const answer = callDetail.parse(await store.options.ask(view.id, `call ${argument}`));
  const { id, tool, verdict } = answer.call;
  if (verdict === "ask") return store.say(`${tool} is held: it waits for an answer like any other`);
  const row = store.live.calls.get(`${view.id}/${id}`) ?? {
    key: `${view.id}/${id}`,
    gateway: view.id,
    call: answer.call,
  };
  openCall(store, row);
  store.ui.notice = null;
  store.changed("person");
}

function lastReload(store: Store): string | null {
  const answers = store.model.shown.map(({ view, whatIf }) => ({
    from: store.model.nameOf(view.id),
    value: whatIf,
  }));
  const found = answerOf(
    "whatif",
    answers.filter(({ value }) => value !== null),
  );
  if (found === null) return "no policy has been read again yet: whatif FILE asks for a draft";
  store.ui.whatIfSeen = store.now();
  openAnswer(store, found);
  return null;
}
