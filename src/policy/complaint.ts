/** Why a piece of policy text cannot be used, and what to write instead. Caught where its position is known. */
export class Complaint extends Error {
  readonly help: string;
  /** Sibling key that the complaint is about, where it is not the value being read. */
  readonly key: string | null;

  constructor(message: string, help: string, key: string | null = null) {
    super(message);
    this.name = "Complaint";
    this.help = help;
    this.key = key;
  }
}
