import type { Plugin } from "callgate/plugin";
import { settle, withoutDots } from "./lib/paths.ts";
import { texts } from "./lib/texts.ts";

interface Config {
  readonly roots: readonly string[];
  readonly arguments: readonly string[];
}

/**
 * Confines file arguments to some directories, against `..`, `~`, `%2e`, backslashes, look-alike slashes,
 * variables, wildcards, drives and schemes. It judges text: links on the server's disk it cannot see.
 */
export default {
  name: "path-jail",
  description: "File arguments stay inside some directories",
  config: {
    roots: {
      type: "array",
      items: { type: "string", pattern: "^/" },
      description: "directories, such as /srv/files",
    },
    arguments: {
      type: "array",
      items: { type: "string" },
      default: [
        "file",
        "files",
        "filename",
        "dir",
        "directory",
        "folder",
        "paths",
        "source",
        "destination",
        "uri",
      ],
      description: "names of arguments that are paths, however deep, beside all that end in path",
    },
  },

  onCall(call, ctx) {
    const roots = ctx.config.roots.map(withoutDots);
    const names = ctx.config.arguments.map((name) => name.toLowerCase());
    const isPath = (name: string) => name.endsWith("path") || names.includes(name);
    for (const { where, text } of texts(call.args, isPath)) {
      const { path, fault } = settle(text);
      const inside = roots.some((root) => root === "/" || path === root || path.startsWith(`${root}/`));
      if (fault !== null || !inside) {
        return ctx.deny(`${where} ${fault ?? `is outside ${roots.join(" and ")}`}`, {
          [where]: text.slice(0, 500),
        });
      }
    }
  },
} satisfies Plugin<Config>;
