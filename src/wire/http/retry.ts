/** First pause before a broken stream is taken up again, in ms; doubles each time. */
const RETRY_MS = 500;
export const MAX_RETRIES = 5;

/** @param wished how long the server wants to be left alone, in ms; null where it does not say */
export const pause = (wished: number | null, attempt: number): Promise<void> =>
  sleep(wished ?? RETRY_MS * 2 ** attempt);

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
