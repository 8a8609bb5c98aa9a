import type { Json } from "callgate/plugin";

/** A text among the arguments, and where: `args.files[0].path`. */
export interface Found {
  readonly where: string;
  readonly text: string;
}

/**
 * All texts in a value, however deep, that stand under a name that is wanted.
 *
 * @param wanted says of a member's name, in lower case, whether the texts in it are meant
 */
export function* texts(
  value: Json,
  wanted: (name: string) => boolean,
  where = "args",
  meant = false,
): Generator<Found> {
  if (typeof value === "string") {
    if (meant) yield { where, text: value };
  } else if (typeof value === "object" && value !== null) {
    for (const [key, each] of Object.entries(value)) {
      const list = Array.isArray(value);
      yield* texts(
        each,
        wanted,
        list ? `${where}[${key}]` : `${where}.${key}`,
        meant || (!list && wanted(key.toLowerCase())),
      );
    }
  }
}
