/** Goes on with a value that is there, or will be: at once where it is. */
export function soon<T, U>(value: T | Promise<T>, goOn: (value: T) => U): U | Promise<U> {
  return value instanceof Promise ? value.then(goOn) : goOn(value);
}
