import {
  Agent,
  type ClientRequest,
  request as http,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from "node:http";
import { request as https, Agent as SecureAgent } from "node:https";
import { urlToHttpOptions } from "node:url";
import type { Frame } from "../upstream.ts";

/** A request under way. */
export interface Sent {
  readonly http: ClientRequest;
  /** Rejects with words for a person where the server cannot be reached. */
  readonly response: Promise<IncomingMessage>;
}

/** An HTTP server at a URL, whose connections are kept open from one request, and one session, to the next. */
export class Origin {
  readonly #url: URL;
  readonly #options: ReturnType<typeof urlToHttpOptions>;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #pool: Agent;

  /** @param headers sent with every request */
  constructor(url: URL, headers: Readonly<Record<string, string>>) {
    this.#url = url;
    this.#options = urlToHttpOptions(url);
    this.#headers = headers;
    this.#pool =
      url.protocol === "https:" ? new SecureAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  }

  send(method: string, body: Frame | null, headers: OutgoingHttpHeaders): Sent {
    const request = (this.#url.protocol === "https:" ? https : http)({
      ...this.#options,
      method,
      agent: this.#pool,
      headers: {
        ...headers,
        ...this.#headers,
        ...(body === null ? {} : { "content-length": Buffer.byteLength(body) }),
      },
    });
    const response = new Promise<IncomingMessage>((resolve, reject) => {
      request.on("response", resolve);
      request.on("error", (error) =>
        reject(new Error(`${this.#url.host} cannot be reached: ${error.message}`)),
      );
    });
    request.end(body ?? undefined);
    return { http: request, response };
  }
}
