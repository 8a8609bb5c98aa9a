import { dirname, resolve } from "node:path";
import type { Problem } from "../types.ts";
import { DIRECT, type Route, type SourceFile } from "./parse.ts";

export type Complain = (path: string, message: string, help: string) => void;

/** Reads and parses a file; null where that cannot be done, of which it has complained. */
type Read = (path: string, complain: Complain) => SourceFile | null;

/**
 * Gathers files and those that they include, each once, with the ways it came in. Files that include each other
 * are no trouble: what an included file says holds wherever the file that includes it does.
 */
export class Inclusion {
  readonly #read: Read;
  readonly #report: (problem: Problem) => void;
  readonly #files = new Map<string, { readonly source: SourceFile | null; readonly routes: Route[] }>();

  constructor(read: Read, report: (problem: Problem) => void) {
    this.#read = read;
    this.#report = report;
  }

  /** Adds a file that is named itself, by its absolute path. */
  add(path: string, complain: Complain): void {
    this.#visit(path, DIRECT, complain);
  }

  get paths(): string[] {
    return [...this.#files.keys()];
  }

  get sources(): SourceFile[] {
    return [...this.#files.values()].flatMap(({ source, routes }) =>
      source === null ? [] : [{ ...source, routes }],
    );
  }

  #visit(path: string, route: Route, complain: Complain): void {
    const known = this.#files.get(path);
    const file = known ?? { source: this.#read(path, complain), routes: [] };
    this.#files.set(path, file);
    // The same way in again is a circle, or says nothing new.
    if (file.routes.some((each) => JSON.stringify(each) === JSON.stringify(route))) return;
    file.routes.push(route);
    const { source } = file;
    if (source === null) return;
    const next = through(source, route);
    for (const [i, item] of source.data.include.entries()) {
      const at = source.place(["include", i]);
      this.#visit(resolve(dirname(path), item), next, (_, message, help) =>
        this.#report({ file: source.name, ...at, message: `${item}: ${message}`, help }),
      );
    }
  }
}

/** The way on through a file to those that it includes. */
function through({ data: { servers, mode } }: SourceFile, route: Route): Route {
  const known =
    servers === undefined || route.servers.some((each) => JSON.stringify(each) === JSON.stringify(servers));
  return {
    servers: known ? route.servers : [...route.servers, servers],
    shadow: route.shadow || mode === "shadow",
  };
}
