import { sanitize } from "../../sanitize.ts";
import { fitColumns } from "../columns.ts";
import type { Rect } from "../layout.ts";
import { type Piece, piece } from "../line.ts";
import type { LogRow } from "../logs.ts";
import type { Model } from "../model.ts";
import type { Tone } from "../paint.ts";
import type { Store } from "../store.ts";
import { width, wrap } from "../text.ts";
import { facts } from "./facts.ts";
import { table, type Values } from "./table.ts";
import { type Names, title } from "./title.ts";

type ColumnId = "time" | "level" | "gateway" | "text";

const LEVELS: Record<LogRow["level"], { mark: string; tone: Tone }> = {
  info: { mark: "·", tone: "quiet" },
  warn: { mark: "!", tone: "warn" },
  error: { mark: "✗", tone: "bad" },
};

/** What gateways and servers said that is no call, the newest at the bottom. */
export function log(store: Store, rect: Rect, names: Names): string[] {
  const { model } = store;
  const named =
    model.shown.length > 1
      ? Math.max(...model.shown.map(({ view }) => width(sanitize(model.nameOf(view.id), 64))))
      : 0;
  const columns = fitColumns<ColumnId>(
    [
      { id: "time", title: "time", min: 8, want: 8 },
      { id: "level", title: "", min: 1, want: 1 },
      { id: "gateway", title: "gateway", min: 7, want: Math.min(16, named), optional: 1 },
      { id: "text", title: "what", min: 20, want: 20, grow: true },
    ],
    rect.width - 2,
    1,
  );
  const values: Values<ColumnId, LogRow> = {
    time: (row) => piece(store.time(row.time), "quiet"),
    level: ({ level }) => piece(LEVELS[level].mark, LEVELS[level].tone),
    gateway: (row) => piece(sanitize(model.nameOf(row.gateway), 64), "quiet"),
    text: (row) =>
      piece(
        sanitize(named > 0 ? withoutName(model, row) : row.text, 1024),
        row.level === "info" ? "plain" : LEVELS[row.level].tone,
      ),
  };
  const head = title(names, [], rect.width);
  const empty = ["Nothing yet.", "What servers write on stderr shows here too."];
  return table(store, { pane: "log", rect, gap: 1, columns, head, list: store.content().log, values, empty });
}

/** What a server wrote begins with its name, which the column has already. */
function withoutName({ gateways }: Model, { gateway, text }: LogRow): string {
  const name = `${gateways.get(gateway)?.name}: `;
  return text.startsWith(name) ? text.slice(name.length) : text;
}

/** The whole line. */
export function logDetail(store: Store, row: LogRow, cells: number): Piece[][] {
  return [
    ...wrap(sanitize(row.text, 4096), cells).map((text) => [piece(text, LEVELS[row.level].tone)]),
    [],
    ...facts([
      ["level", row.level],
      ["time", store.moment(row.time)],
      ["gateway", store.model.nameOf(row.gateway)],
    ]),
  ];
}
