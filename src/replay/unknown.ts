import { MASK } from "../audit/mask.ts";
import { isObject, type Json, type JsonObject } from "../wire/json.ts";

/** Arguments of which a part is not known, and whether anything has looked at that part. */
export interface Watched {
  readonly args: JsonObject;
  /** Whether what was read since could have been otherwise. */
  looked(): boolean;
}

/** Arguments recorded with masks in them: looking at a masked value is noticed, looking beside it is not. */
export function watchMasked(args: JsonObject): Watched {
  let looked = false;
  const watch = <T extends Json[] | JsonObject>(value: T): T =>
    new Proxy(value, {
      get(target, key, receiver) {
        const found: unknown = Reflect.get(target, key, receiver);
        if (typeof found === "string" && found.includes(MASK)) looked = true;
        return Array.isArray(found) || isObject(found) ? watch(found) : found;
      },
    });
  return { args: watch(args), looked: () => looked };
}

/** Arguments of which only the hash was recorded: looking at anything in them is noticed. */
export function watchHashed(): Watched {
  let looked = false;
  const look = <T>(answer: T): T => {
    looked = true;
    return answer;
  };
  const args = new Proxy<JsonObject>(
    {},
    {
      get: () => look(undefined),
      has: () => look(false),
      ownKeys: () => look([]),
      getOwnPropertyDescriptor: () => look(undefined),
    },
  );
  return { args, looked: () => looked };
}

/** Arguments recorded whole. */
export const watchNothing = (args: JsonObject): Watched => ({ args, looked: () => false });
