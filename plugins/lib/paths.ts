/** Whatever these turn into depends on the server, its shell or its file system. */
const AMBIGUOUS: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/[\0-\x1f\x7f]/, "has a control character"],
  [/~/, "has a ~"],
  [/\$|`|%[a-z_]+%/i, "has a variable"],
  [/[*?[\]{}]/, "has a wildcard"],
  [/^[a-z][a-z0-9+.-]*:|^\/\//i, "has a drive, a scheme or a share"],
  [/:/, "has a colon"],
  [/[^./][. ]+(\/|$)|\.{3,}/, "has a name that ends with a dot or a space"],
];

/**
 * A path as any server may come to read it: escapes undone, one kind of slash, look-alikes replaced, no `.`, `..`
 * or doubled slashes.
 *
 * @returns the path; or in `fault` why it cannot be told which file it names
 */
export function settle(text: string): { readonly path: string; readonly fault: string | null } {
  let path = text.replace(/^file:\/\/(localhost)?(?=\/)/i, "");
  for (let round = 0; path.includes("%"); round++) {
    try {
      if (round === 3) throw new URIError("escaped again and again");
      path = decodeURIComponent(path);
    } catch {
      return { path, fault: "has escapes that cannot be undone" };
    }
  }
  path = path.normalize("NFKC").replace(/[\\\u2215\u2044\u29f8]/g, "/");
  const found = AMBIGUOUS.find(([pattern]) => pattern.test(path));
  if (found !== undefined) return { path, fault: found[1] };
  if (!path.startsWith("/")) return { path, fault: "is not an absolute path" };
  return { path: withoutDots(path), fault: null };
}

/** An absolute path without `.`, `..` and doubled slashes. */
export function withoutDots(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
