import { cleanup, render } from "ink-testing-library";
import { afterEach, describe, expect, it } from "vitest";
import { App } from "../../src/screen/app.tsx";
import { plain, storeWith } from "./helpers.ts";

afterEach(cleanup);
const settle = () => new Promise((resolve) => setTimeout(resolve, 120));

describe("app", () => {
  it("shows the store's frame, takes keys, and draws again only when told", async () => {
    const { store, gateway } = storeWith(30, { size: { columns: 100, rows: 30 } });
    const screen = render(<App store={store} />);
    const text = () => plain(screen.lastFrame() ?? "");
    expect(text()).toContain("following");
    const frames = screen.frames.length;
    store.model.events(gateway.view.id, [{ type: "call", call: gateway.call() }], Date.now());
    await settle();
    expect(screen.frames.length).toBe(frames);
    store.changed();
    await settle();
    expect(text()).toContain("Calls 31");
    screen.stdin.write("?");
    await settle();
    expect(text()).toContain("let the marked held call go on");
    screen.stdin.write("\x1b");
    await settle();
    screen.stdin.write("kk");
    await settle();
    expect(text()).toContain("29 of 31");
    screen.stdin.write("\r");
    await expect.poll(text).toContain("Trace");
    store.resize({ columns: 100, rows: 12 });
    await settle();
    expect(text().split("\n")).toHaveLength(12);
  });

  it("quits with q and with ctrl-c", async () => {
    for (const key of ["q", "\x03"]) {
      let quit = 0;
      const { store } = storeWith(1, { quit: () => quit++ });
      const screen = render(<App store={store} />);
      await settle();
      screen.stdin.write(key);
      await settle();
      expect(quit).toBe(1);
      screen.unmount();
    }
  });
});
