/**
 * A name without the differences that readers treat differently: case, Unicode form (NFKC), surrounding space.
 * Upper before lower: "ß", "ſ" and dotless "ı" fold to what a reader without regard to case compares.
 */
export const fold = (name: string): string =>
  name.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC").trim();
