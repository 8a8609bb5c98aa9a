/** What a gateway answers to commands that ask for something to look at. */
import { callDetail, draftView, whatIfView } from "../control/protocol.ts";
import { sanitize } from "../sanitize.ts";
import { type Piece, piece } from "./line.ts";
import { draftDetail } from "./panes/draft.ts";
import { plainCall } from "./panes/plain-call.ts";
import { triedDetail } from "./panes/tried.ts";
import { whatIfDetail } from "./panes/what-if.ts";

/** A heading, and what is below it for a width in cells. */
export interface Answer {
  readonly title: string;
  lines(cells: number): Piece[][];
}

/** How an answer to the command is shown; null for a text or what is for programs only. */
export function answerTo(command: string, value: unknown): Answer | null {
  switch (command) {
    case "try":
    case "try-edit": {
      const tried = callDetail.parse(value);
      return { title: "Try", lines: (cells) => triedDetail(tried, cells) };
    }
    case "why":
    case "call": {
      const answer = callDetail.parse(value);
      return { title: "Call", lines: (cells) => plainCall(answer, cells) };
    }
    case "whatif":
    case "replay": {
      const found = whatIfView.parse(value);
      return { title: "What if", lines: (cells) => whatIfDetail(found, cells) };
    }
    case "write": {
      const draft = draftView.safeParse(value);
      return draft.success ? { title: "Write", lines: (cells) => draftDetail(draft.data, cells) } : null;
    }
    default:
      return null;
  }
}

/** What gateways answered to the command, as it is shown; null as above. */
export function answerOf(
  command: string,
  answers: readonly { readonly from: string; readonly value: unknown }[],
): Answer | null {
  return together(
    answers.flatMap(({ from, value }) => {
      const answer = answerTo(command, value);
      return answer === null ? [] : [{ from, answer }];
    }),
  );
}

/** Answers of several gateways as one, each under its gateway's name; null where there is none. */
export function together(all: readonly { readonly from: string; readonly answer: Answer }[]): Answer | null {
  const [first, ...more] = all;
  if (first === undefined || more.length === 0) return first?.answer ?? null;
  const lines = (cells: number): Piece[][] =>
    all.flatMap(({ from, answer }, index) => [
      ...(index > 0 ? [[]] : []),
      [piece(sanitize(from, 256), "accent")],
      ...answer.lines(cells),
    ]);
  return { title: first.answer.title, lines };
}
