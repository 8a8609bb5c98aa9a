import {
  acceptedContent,
  inputRequired,
  type McpServer,
  type PromptMessage,
  ResourceTemplate,
} from "@modelcontextprotocol/server";
import * as z from "zod";
import { PNG } from "./samples.ts";

/** Offers resources, prompts and completion. */
export function offerReading(server: McpServer): void {
  offerResources(server);
  offerPrompts(server);
  server.server.setRequestHandler("completion/complete", () => ({
    completion: { values: ["paris", "park", "party"], total: 3, hasMore: false },
  }));
}

function offerResources(server: McpServer): void {
  const plain = { mimeType: "text/plain" };
  const texts = {
    "test://static-text": "This is the content of the static text resource.",
    "test://watched-resource": "Watched for changes.",
  };
  for (const [uri, content] of Object.entries(texts)) {
    server.registerResource(uri, uri, { description: `The text at ${uri}`, ...plain }, () => ({
      contents: [{ uri, ...plain, text: content }],
    }));
  }

  const binary = "test://static-binary";
  const png = { mimeType: "image/png" };
  server.registerResource(binary, binary, { description: "A picture", ...png }, () => ({
    contents: [{ uri: binary, ...png, blob: PNG }],
  }));

  server.registerResource(
    "template",
    new ResourceTemplate("test://template/{id}/data", { list: undefined }),
    { description: "Data by id", mimeType: "application/json" },
    (uri, { id }) => {
      const data = { id, templateTest: true, data: `Data for ID: ${id}` };
      return { contents: [{ uri: uri.href, mimeType: "application/json", text: JSON.stringify(data) }] };
    },
  );

  for (const method of ["resources/subscribe", "resources/unsubscribe"] as const) {
    server.server.setRequestHandler(method, () => ({}));
  }
}

const user = (content: PromptMessage["content"]): PromptMessage => ({ role: "user", content });
const say = (text: string): PromptMessage => user({ type: "text", text });

function offerPrompts(server: McpServer): void {
  server.registerPrompt("test_simple_prompt", { description: "A sentence" }, () => ({
    messages: [say("This is a simple prompt for testing.")],
  }));

  server.registerPrompt(
    "test_prompt_with_arguments",
    {
      description: "A sentence with two gaps",
      argsSchema: z.object({ arg1: z.string().describe("First"), arg2: z.string().describe("Second") }),
    },
    ({ arg1, arg2 }) => ({ messages: [say(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)] }),
  );

  server.registerPrompt(
    "test_prompt_with_embedded_resource",
    {
      description: "A resource to look at",
      argsSchema: z.object({ resourceUri: z.string().describe("Which one") }),
    },
    ({ resourceUri }) => {
      const embedded = {
        uri: resourceUri,
        mimeType: "text/plain",
        text: "Embedded resource content for testing.",
      };
      return {
        messages: [
          user({ type: "resource", resource: embedded }),
          say("Please process the embedded resource above."),
        ],
      };
    },
  );

  server.registerPrompt("test_prompt_with_image", { description: "A picture to look at" }, () => ({
    messages: [
      user({ type: "image", data: PNG, mimeType: "image/png" }),
      say("Please analyze the image above."),
    ],
  }));

  server.registerPrompt("test_input_required_result_prompt", { description: "Asks first" }, (ctx) => {
    const schema = z.object({ context: z.string() });
    const answer = acceptedContent(ctx.mcpReq.inputResponses, "user_context", schema);
    if (answer !== undefined) return { messages: [say(`In the context of ${answer.context}.`)] };
    const question = { message: "What context should the prompt use?", requestedSchema: schema };
    return inputRequired({ inputRequests: { user_context: inputRequired.elicit(question) } });
  });
}
