import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  type ElicitInputParams,
  type InputRequests,
  inputRequired,
  inputResponse,
  type McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";
import * as z from "zod";
import { text } from "./answers.ts";
import { CHOICES, DEFAULTS, PERSON } from "./forms.ts";

/** Seals what a call has learned between its rounds. */
export const stateCodec = createRequestStateCodec<{ round: number; name?: string }>({
  key: crypto.getRandomValues(new Uint8Array(32)),
});

const NAME = z.object({ name: z.string() });
const askName = inputRequired.elicit({ message: "What is your name?", requestedSchema: NAME });
const confirm = inputRequired.elicit({
  message: "Please confirm",
  requestedSchema: z.object({ ok: z.boolean() }),
});
const sample = (prompt: string, maxTokens: number) =>
  inputRequired.createMessage({
    messages: [{ role: "user", content: { type: "text", text: prompt } }],
    maxTokens,
  });

const ability = z.looseObject({});
const envelope = z.object({
  [CLIENT_CAPABILITIES_META_KEY]: z
    .object({ elicitation: ability, sampling: ability, roots: ability })
    .partial(),
});

/** Whether every question has an answer. */
const answered = (ctx: ServerContext, questions: InputRequests) =>
  Object.keys(questions).every((key) => inputResponse(ctx.mcpReq.inputResponses, key).kind !== "missing");

const answers = (ctx: ServerContext) => text(JSON.stringify(ctx.mcpReq.inputResponses));

/** Offers the tools that ask the agent something before they answer; the SDK asks each era in its own way. */
export function offerQuestions(server: McpServer): void {
  const ask = (name: string, questions: InputRequests) =>
    server.registerTool(name, { description: "Asks, then answers" }, (ctx) =>
      answered(ctx, questions) ? answers(ctx) : inputRequired({ inputRequests: questions }),
    );
  ask("test_missing_capability", { llm_answer: sample("Say pong", 16) });
  ask("test_input_required_result_sampling", {
    capital_question: sample("What is the capital of France?", 100),
  });
  ask("test_input_required_result_list_roots", { client_roots: inputRequired.listRoots() });

  offerForms(server);
  offerRounds(server);

  server.registerTool(
    "test_sampling",
    { description: "Asks the agent's model", inputSchema: z.object({ prompt: z.string() }) },
    ({ prompt }, ctx) => {
      const view = inputResponse(ctx.mcpReq.inputResponses, "answer");
      if (view.kind !== "sampling") return inputRequired({ inputRequests: { answer: sample(prompt, 100) } });
      return text(`LLM response: ${JSON.stringify(view.result.content)}`);
    },
  );

  server.registerTool(
    "test_input_required_result_capabilities",
    { description: "Asks only what the agent can answer" },
    (ctx) => {
      const able = envelope.safeParse(ctx.mcpReq.envelope).data?.[CLIENT_CAPABILITIES_META_KEY];
      const questions: InputRequests = {
        ...(able?.elicitation !== undefined && { user_name: askName }),
        ...(able?.sampling !== undefined && { greeting: sample("Generate a greeting", 50) }),
        ...(able?.roots !== undefined && { client_roots: inputRequired.listRoots() }),
      };
      return answered(ctx, questions) ? answers(ctx) : inputRequired({ inputRequests: questions });
    },
  );
}

function offerForms(server: McpServer): void {
  const form = (name: string, requestedSchema: ElicitInputParams["requestedSchema"], message: string) =>
    server.registerTool(name, { description: "Has a form filled in" }, (ctx) => {
      const view = inputResponse(ctx.mcpReq.inputResponses, "form");
      if (view.kind === "elicit") {
        const content = JSON.stringify(view.content ?? {});
        return text(`Elicitation completed: action=${view.action}, content=${content}`);
      }
      return inputRequired({ inputRequests: { form: inputRequired.elicit({ message, requestedSchema }) } });
    });
  form("test_elicitation_sep1034_defaults", DEFAULTS, "Is this right?");
  form("test_elicitation_sep1330_enums", CHOICES, "Choose");

  server.registerTool(
    "test_elicitation",
    { description: "Asks a person", inputSchema: z.object({ message: z.string() }) },
    ({ message }, ctx) => {
      const view = inputResponse(ctx.mcpReq.inputResponses, "person");
      if (view.kind !== "elicit") {
        const person = inputRequired.elicit({ message, requestedSchema: PERSON });
        return inputRequired({ inputRequests: { person } });
      }
      return text(`User response: action=${view.action}, content=${JSON.stringify(view.content ?? {})}`);
    },
  );

  server.registerTool("test_input_required_result_elicitation", { description: "Greets" }, (ctx) => {
    const answer = acceptedContent(ctx.mcpReq.inputResponses, "user_name", NAME);
    if (answer !== undefined) return text(`Hello, ${answer.name}!`);
    return inputRequired({ inputRequests: { user_name: askName } });
  });
}

/** Tools whose rounds follow from each other by what the agent carries between them. */
function offerRounds(server: McpServer): void {
  const remember = (name: string, questions: InputRequests) =>
    server.registerTool(name, { description: "Asks, and has its state carried" }, async (ctx) => {
      if (ctx.mcpReq.requestState() !== undefined && answered(ctx, questions)) return text("state-ok");
      return inputRequired({ inputRequests: questions, requestState: await stateCodec.mint({ round: 1 }) });
    });
  remember("test_input_required_result_request_state", { confirm });
  remember("test_input_required_result_tampered_state", { confirm });
  remember("test_input_required_result_multiple_inputs", {
    user_name: askName,
    greeting: sample("Generate a greeting", 50),
    client_roots: inputRequired.listRoots(),
  });

  server.registerTool(
    "test_input_required_result_multi_round",
    { description: "Asks twice" },
    async (ctx) => {
      const state = ctx.mcpReq.requestState<{ round: number; name?: string }>();
      const { inputResponses } = ctx.mcpReq;
      if (state?.round === 2) {
        const color = acceptedContent(inputResponses, "step2", z.object({ color: z.string() }))?.color;
        if (color !== undefined) return text(`${state.name ?? "Nobody"} likes ${color}.`);
      }
      const name = state === undefined ? undefined : acceptedContent(inputResponses, "step1", NAME)?.name;
      if (name === undefined) {
        const step1 = inputRequired.elicit({ message: "Step 1: What is your name?", requestedSchema: NAME });
        return inputRequired({ inputRequests: { step1 }, requestState: await stateCodec.mint({ round: 1 }) });
      }
      const step2 = inputRequired.elicit({
        message: "Step 2: What is your favorite color?",
        requestedSchema: z.object({ color: z.string() }),
      });
      return inputRequired({
        inputRequests: { step2 },
        requestState: await stateCodec.mint({ round: 2, name }),
      });
    },
  );
}
