import { RE2JS } from "re2js";

/**
 * A glob over text with slashes, in linear time: `*` is any run without a slash, `**` any run, `?` any one
 * character but a slash.
 */
export function pathGlob(glob: string): (text: string) => boolean {
  const source = glob.replace(/\*{2,}|[*?]|[^*?]+/g, (part) => {
    if (part.startsWith("**")) return ".*";
    if (part === "*") return "[^/]*";
    return part === "?" ? "[^/]" : RE2JS.quote(part);
  });
  const pattern = RE2JS.compile(source, RE2JS.DOTALL);
  return (text) => pattern.matches(text);
}
