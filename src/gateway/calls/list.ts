import type { Seat } from "../../plugins/seats.ts";
import { isObject, type JsonObject } from "../../wire/json.ts";
import { parseLossless } from "../../wire/lossless.ts";
import type { Request, Response } from "../../wire/message.ts";
import type { Gate } from "../gate.ts";

/**
 * What the agent is handed in place of an answer that lists something: without what policies hide and, of tools, as
 * plugins want them seen. null where it is handed the answer that came.
 */
export function handList(
  { method }: Request,
  response: Response,
  text: string,
  upstream: string,
  gate: Gate,
): string | null | Promise<string | null> {
  const { policy, seats } = gate.ruleset();
  const listed = gate.catalog(upstream).filter(method, response, text, policy);
  if (gate.shadow) return null;
  if (method !== "tools/list" || seats.length === 0) return listed;
  const asked = seats.filter(
    ({ plugin, use }) => plugin.has("onTools") && use.governs(upstream) && !use.shadow,
  );
  return asked.length === 0 ? listed : reviewed(asked, listed ?? text, gate).then((made) => made ?? listed);
}

async function reviewed(seats: readonly Seat[], text: string, gate: Gate): Promise<string | null> {
  const message = parseLossless(text);
  if (!isObject(message) || !isObject(message.result) || !Array.isArray(message.result.tools)) return null;
  const { reviewTools } = await import("../../judging/review.ts");
  const tools: JsonObject[] = message.result.tools.filter(isObject);
  const shown = await reviewTools(seats, tools, gate.clock(), (failure) => gate.warn(failure));
  return JSON.stringify({ ...message, result: { ...message.result, tools: shown } });
}
