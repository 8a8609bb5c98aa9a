/** Where the screen meets Ink: keys in, rows out. Everything it shows is decided in `frame`. */
import { Box, render, Text, useApp, useInput, usePaste } from "ink";
import { memo, useEffect, useLayoutEffect, useSyncExternalStore } from "react";
import { frame } from "./frame.ts";
import { bindingOf } from "./keymap.ts";
import { keyNames } from "./keys.ts";
import type { Store } from "./store.ts";
import { paste, typeKey } from "./typing.ts";

// One text node a row, drawn again only when the row is another.
const Row = memo(function Row({ text }: { text: string }) {
  return <Text wrap="truncate-end">{text}</Text>;
});

/** The screen. Draws whenever the store says so, never more often. */
export function App({ store }: { store: Store }) {
  useSyncExternalStore(store.subscribe, () => store.version);
  useInput((input, key) => {
    pressAll(store, keyNames(input, key));
  });
  usePaste((text) => {
    const why = paste(store, text);
    if (why) store.notice(why);
    store.changed("person");
  });
  const { suspendTerminal } = useApp();
  useEffect(() => {
    // The other program has the mouse as well.
    store.handOver = async (work) => {
      store.options.mouse?.(false);
      try {
        await suspendTerminal(async () => {
          await letGoOfInput();
          await work();
        });
      } finally {
        store.options.mouse?.(store.ui.mouse);
      }
    };
  }, [store, suspendTerminal]);
  useEffect(() => {
    store.options.mouse?.(store.ui.mouse);
  }, [store]);
  // However the screen ends, by a signal too, Ink takes it down, and this is undone at once.
  useLayoutEffect(() => () => store.options.mouse?.(false), [store]);
  const { columns, rows } = store.size;
  const lines = frame(store);
  return (
    <Box key={store.generation} flexDirection="column" width={columns} height={rows} overflow="hidden">
      {lines.map((text, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row of the terminal is its index
        <Row key={row} text={text} />
      ))}
    </Box>
  );
}

/**
 * Ink stops listening, but Node goes on reading, and what it reads the other program never gets. Only a stream that
 * has noticed that nobody listens can be paused, which it does in the next turn.
 */
async function letGoOfInput(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  process.stdin.pause();
  await new Promise((resolve) => setImmediate(resolve));
}

/** A paste is not a few hundred commands, but it may be a line. */
const MOST_COMMANDS = 16;

function pressAll(store: Store, names: readonly string[]): void {
  let commands = 0;
  for (const name of names) if (store.ui.prompt || commands++ < MOST_COMMANDS) press(store, name);
}

/** Types into the line that is open; else does what a key is bound to, or says why it cannot. */
export function press(store: Store, name: string): void {
  const { prompt } = store.ui;
  if (prompt) {
    store.ui.notice = null;
    typeKey(store, prompt, name);
    return store.changed("person");
  }
  const bound = bindingOf(name, store.ui);
  if ("command" in bound) store.run(bound.command);
  else store.notice(bound.why);
}

/** Takes over the terminal. */
export function mount(store: Store) {
  return render(<App store={store} />, {
    alternateScreen: true,
    incrementalRendering: true,
    exitOnCtrlC: false,
    // The store paces the drawing; this only must not be slower.
    maxFps: 30,
    // An NO-TTY or CI check was made by whoever opened the screen.
    interactive: true,
  });
}
