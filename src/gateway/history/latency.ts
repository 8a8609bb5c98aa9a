/** Units of 1/16 ms, counted exactly up to 1 ms and then eight to an octave, so to within a sixteenth. */
const PER_MS = 16;
const EXACT = 16;
const PER_OCTAVE = 8;
/** Octaves above the exact ones: up to some 17 minutes, longer ones with the longest. */
const OCTAVES = 20;

/** How long something took, as counts in a fixed number of steps: quantiles of any number of times. */
export class Latency {
  readonly #counts = new Uint32Array(EXACT + OCTAVES * PER_OCTAVE);
  #total = 0;

  add(ms: number): void {
    const step = Math.min(this.#counts.length - 1, stepOf(Math.max(0, Math.round(ms * PER_MS))));
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
    this.#total++;
  }

  /** In ms, the middle of its step; null where nothing was counted. */
  quantile(share: number): number | null {
    if (this.#total === 0) return null;
    const rank = Math.max(1, Math.ceil(share * this.#total));
    let seen = 0;
    const step = this.#counts.findIndex((count) => {
      seen += count;
      return seen >= rank;
    });
    return (startOf(step) + startOf(step + 1) - 1) / 2 / PER_MS;
  }
}

function stepOf(units: number): number {
  if (units < EXACT) return units;
  const octave = Math.min(31 - Math.clz32(units), 30);
  const within = Math.floor((units / 2 ** octave - 1) * PER_OCTAVE);
  return EXACT + (octave - 4) * PER_OCTAVE + Math.min(within, PER_OCTAVE - 1);
}

/** The smallest number of units in a step. */
function startOf(step: number): number {
  if (step <= EXACT) return step;
  const above = step - EXACT;
  const octave = Math.floor(above / PER_OCTAVE) + 4;
  return 2 ** octave * (1 + (above % PER_OCTAVE) / PER_OCTAVE);
}
