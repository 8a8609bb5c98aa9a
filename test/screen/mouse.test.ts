import { describe, expect, it } from "vitest";
import { frame } from "../../src/screen/frame.ts";
import { pointAt } from "../../src/screen/mouse.ts";
import { MouseReports } from "../../src/screen/mouse-reports.ts";
import { plain, storeWith } from "./helpers.ts";

/** A store on a terminal where things can be found and clicked. */
function screen(columns = 120, rows = 40) {
  const made = storeWith(60, { size: { columns, rows } });
  const { store } = made;
  const lines = () => frame(store).map(plain);
  const marked = () => lines().find((line) => line.startsWith("▌") || line.includes("│ ▌")) ?? "";
  function click(text: string, wheel = 0): void {
    const row = lines().findIndex((line) => line.includes(text));
    expect(row, text).toBeGreaterThanOrEqual(0);
    pointAt(store, { row, column: (lines()[row] ?? "").indexOf(text), wheel });
  }
  return { ...made, lines, marked, click };
}

describe("the mouse", () => {
  it("chooses a row, and opens the one chosen", () => {
    const { store, click, marked } = screen();
    click('charge: "ch_55"');
    expect(marked()).toContain("ch_55");
    expect(store.ui.follow).toBe(false);
    expect(store.ui.view).toBe("panes");
    click('charge: "ch_55"');
    expect(store.ui.view).toBe("detail");
  });

  it("goes to the pane that is clicked, also by the name that stands behind another's", () => {
    const { store, click, marked } = screen();
    click("57 / 60");
    expect(store.ui.pane).toBe("counters");
    expect(marked()).toContain("pace");
    click("Tools");
    expect(store.ui.pane).toBe("tools");
    click("Log");
    expect(store.ui.pane).toBe("log");
    click("dropped a frame"); // The newest, which is marked already.
    expect(store.ui.view).toBe("detail");
  });

  it("moves in the pane under its wheel", () => {
    const { store, click, lines } = screen();
    click('charge: "ch_55"', -3);
    expect(lines().join()).toContain("57 of 60");
    click('charge: "ch_55"', 3);
    expect(lines().join()).toContain("60 of 60");
    click("daily_spend", 3);
    expect(store.ui.pane).toBe("counters");
  });

  it("marks and folds in a call's detail, and scrolls there", async () => {
    const { store, click, marked } = screen();
    store.run("detail");
    await new Promise((resolve) => setTimeout(resolve, 5));
    click("▾ {");
    expect(marked()).toContain("▾ {");
    pointAt(store, { row: 20, column: 5, wheel: 3 });
    expect(marked()).not.toContain("▾ {");
    pointAt(store, { row: 0, column: 0, wheel: 0 }); // On the header: nothing.
  });

  it("chooses a hold", () => {
    const { store, gateway, click } = screen();
    gateway.hold();
    gateway.hold();
    store.model.snapshot(gateway.view.id, gateway.snapshot(), Date.now());
    click("amount: 25001");
    expect(store.ui.pane).toBe("holds");
    expect(store.ui.cursors.holds.key).toContain("/62");
  });

  it("does nothing outside of what is there, anywhere on any terminal", () => {
    for (const [columns, rows] of [
      [80, 24],
      [200, 60],
      [12, 3],
    ] as const) {
      const { store } = screen(columns, rows);
      for (let row = -1; row <= rows; row++)
        for (const column of [-1, 0, columns - 1, columns]) pointAt(store, { row, column, wheel: 0 });
    }
  });

  it("is read from what is typed, in one piece or in many", () => {
    const click = "\x1b[<0;10;5M";
    expect(new MouseReports().push(`j${click}k`)).toEqual([{ column: 9, row: 4, wheel: 0 }]);
    for (let at = 1; at < click.length; at++) {
      const reports = new MouseReports();
      const found = [click.slice(0, at), click.slice(at)].flatMap((part) => reports.push(part));
      expect(found).toHaveLength(1);
    }
    const wheel = new MouseReports().push("\x1b[<64;1;1M\x1b[<65;1;1M\x1b[<66;1;1M");
    expect(wheel.map((each) => each.wheel)).toEqual([-3, 3]);
    const ignored = new MouseReports();
    for (const text of ["\x1b[<0;10;5m", "\x1b[<2;10;5M", "\x1b[<99999;1;1M", "[<0;1;1M", "x".repeat(99_999)])
      expect(ignored.push(text)).toEqual([]);
  });
});
