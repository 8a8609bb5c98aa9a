/** Does what may fail, now or later, and goes on with what came of it. */
export function attempted<T, U>(
  work: () => T | Promise<T>,
  goOn: (value: T) => U,
  failed: (error: unknown) => U,
): U | Promise<U> {
  let value: T | Promise<T>;
  try {
    value = work();
  } catch (error) {
    return failed(error);
  }
  return value instanceof Promise ? value.then(goOn, failed) : goOn(value);
}

/** Goes on with a value that is there, or will be: at once where it is. */
export function soon<T, U>(value: T | Promise<T>, goOn: (value: T) => U): U | Promise<U> {
  return value instanceof Promise ? value.then(goOn) : goOn(value);
}
