/** Why what a path or a partition names cannot be told. Whatever depends on it errs, which denies. */
export class Fault {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}
