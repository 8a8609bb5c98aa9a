import { setTimeout as sleep } from "node:timers/promises";
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  type JSONRPCMessage,
  McpServer,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
  type Transport,
} from "@modelcontextprotocol/server";
import * as z from "zod";
import { text } from "./answers.ts";
import { Task, type Work } from "./task.ts";

const EXTENSION = "io.modelcontextprotocol/tasks";
/** What the server says that it can do. */
export const TASKS = { [EXTENSION]: {} };

const envelope = z.object({
  [CLIENT_CAPABILITIES_META_KEY]: z.object({ extensions: z.object({ [EXTENSION]: z.looseObject({}) }) }),
});
const missing = new MissingRequiredClientCapabilityError({ requiredCapabilities: { extensions: TASKS } });
const takesTasks = ({ mcpReq }: ServerContext) => envelope.safeParse(mcpReq.envelope).success;

/** Answers as the SDK lets a tool give them; `TasksServer` puts them as the extension does. */
const asTask = (task: Task) => ({ content: [], resultType: "task", ...task.summary });
const REFUSED = { ...text("This tool answers only as a task."), isError: true, resultType: "refused" };

/** The SDK's server, with two answers to a call that it has no words for: a task, and an error. */
export class TasksServer extends McpServer {
  override connect(transport: Transport): Promise<void> {
    const send = transport.send.bind(transport);
    transport.send = (message, options) => send(worded(message), options);
    return super.connect(transport);
  }
}

function worded(message: JSONRPCMessage): JSONRPCMessage {
  if (!("result" in message)) return message;
  const { result, ...envelope } = message;
  if (result.resultType === REFUSED.resultType) {
    const { code, message, data } = missing;
    return { ...envelope, error: { code, message, data } };
  }
  const { content, ...task } = result;
  return result.resultType === "task" ? { ...envelope, result: task } : message;
}

/** Offers the tools that become tasks, and the requests about tasks. */
export function offerTasks(server: McpServer): void {
  const greeted = { description: "Answers at once", inputSchema: z.object({ name: z.string() }) };
  server.registerTool("greet", greeted, ({ name }) => text(`Hello, ${name}!`));

  const SLOW = { seconds: z.number(), label: z.string().optional() };
  server.registerTool(
    "slow_compute",
    { description: "Sleeps; a task for those who take tasks", inputSchema: z.object(SLOW) },
    ({ seconds }, ctx) => {
      const work = async ({ signal }: { signal: AbortSignal }) => {
        await sleep(seconds * 1000, undefined, { signal });
        return text(`Slept ${seconds} s.`);
      };
      return takesTasks(ctx) ? asTask(new Task(work)) : work(ctx.mcpReq);
    },
  );

  const onlyTask = (name: string, work: Work) =>
    server.registerTool(name, { description: "Answers later, or not at all" }, (ctx) =>
      takesTasks(ctx) ? asTask(new Task(work)) : REFUSED,
    );
  onlyTask("failing_job", async () => ({ ...text("It did not work."), isError: true }));
  onlyTask("protocol_error_job", async () => {
    throw new Error("It broke.");
  });
  onlyTask("confirm_delete", async (task) => {
    await task.ask({ confirm: confirmation("Delete it?") });
    return text("Deleted.");
  });
  onlyTask("multi_input", async (task) => {
    await task.ask({ first: confirmation("First?"), second: confirmation("Second?") });
    return text("Both were answered.");
  });

  server.registerTool("test_tool_with_task", { description: "Asks, then becomes a task" }, (ctx) => {
    if (!takesTasks(ctx)) return REFUSED;
    const name = acceptedContent(ctx.mcpReq.inputResponses, "user_name", NAME)?.name;
    if (name !== undefined) return asTask(new Task(async () => text(`Hello, ${name}!`)));
    const user_name = inputRequired.elicit({ message: "What is your name?", requestedSchema: NAME });
    return inputRequired({ inputRequests: { user_name } });
  });

  offerRequests(server);
}

const NAME = z.object({ name: z.string() });
const confirmation = (message: string) =>
  inputRequired.elicit({ message, requestedSchema: z.object({ confirm: z.boolean() }) });

function offerRequests({ server }: McpServer): void {
  const on = (method: string, answer: (task: Task, ctx: ServerContext) => object) =>
    server.setRequestHandler(method, { params: z.looseObject({ taskId: z.string() }) }, ({ taskId }, ctx) => {
      if (!takesTasks(ctx)) throw missing;
      const task = Task.get(taskId);
      if (task === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, "No such task");
      return { ...answer(task, ctx) };
    });
  on("tasks/get", (task) => task.details);
  on("tasks/update", (task, ctx) => {
    task.answered(Object.keys(ctx.mcpReq.inputResponses ?? {}));
    return {};
  });
  on("tasks/cancel", (task) => {
    task.cancel();
    return {};
  });
}
