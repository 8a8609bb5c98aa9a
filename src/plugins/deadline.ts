/** A deadline that moves all the time. Putting it off costs no timer: when one fires too early, it is set again. */
export class Deadline {
  readonly #passed: () => void;
  #timer: NodeJS.Timeout | null = null;
  #fires = 0;
  #due = Number.POSITIVE_INFINITY;

  constructor(passed: () => void) {
    this.#passed = passed;
  }

  /** @param due in ms of `performance.now()` */
  set(due: number): void {
    this.#due = due;
    if (this.#timer !== null && this.#fires <= due) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#fires = due;
    this.#timer = setTimeout(() => this.#fire(), Math.max(1, due - performance.now()));
  }

  /** There is none until the next `set`. */
  lift(): void {
    this.#due = Number.POSITIVE_INFINITY;
  }

  clear(): void {
    this.lift();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #fire(): void {
    this.#timer = null;
    if (this.#due === Number.POSITIVE_INFINITY) return;
    if (performance.now() < this.#due) this.set(this.#due);
    else this.#passed();
  }
}
