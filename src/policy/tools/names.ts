/**
 * Tool names. They match exactly; `fold` finds names that some server may take for another one.
 */

export const isGlob = (name: string): boolean => /[*?]/.test(name);

/** Whether `name` is in the glob: `*` is any run of characters, `?` any one. Linear in practice, never exponential. */
export function globMatches(glob: string, name: string): boolean {
  let g = 0;
  let n = 0;
  let star = -1;
  let resume = 0;
  while (n < name.length) {
    if (glob[g] === "*") {
      star = g++;
      resume = n;
    } else if (g < glob.length && (glob[g] === "?" || glob[g] === name[n])) {
      g++;
      n++;
    } else if (star >= 0) {
      g = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (glob[g] === "*") g++;
  return g === glob.length;
}

/** Whether `name` is what a policy wrote as `pattern`, a name or a glob. */
export const nameMatches = (pattern: string, name: string): boolean =>
  pattern === name || (isGlob(pattern) && globMatches(pattern, name));
