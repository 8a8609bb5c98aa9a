import type { McpServer } from "@modelcontextprotocol/server";
import { offerAnswers } from "./answers.ts";
import { offerQuestions, stateCodec } from "./questions.ts";
import { offerReading } from "./reading.ts";
import { offerTasks, TASKS, TasksServer } from "./tasks.ts";

/** Tells who listens that something changed. */
export interface Changes {
  tools(): void;
  prompts(): void;
  resource(uri: string): void;
}

/**
 * One server instance, whatever it is served on.
 *
 * @param changes where changes are announced; default: on the instance's own connection
 */
export function createFixture(changes?: Changes): McpServer {
  const server = new TasksServer(
    { name: "fixture", version: "1.0.0" },
    {
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        logging: {},
        completions: {},
        extensions: TASKS,
      },
      requestState: { verify: stateCodec.verify },
    },
  );
  offerAnswers(server, changes ?? ownChanges(server));
  offerQuestions(server);
  offerReading(server);
  offerTasks(server);
  return server;
}

function ownChanges(server: McpServer): Changes {
  return {
    tools: () => server.sendToolListChanged(),
    prompts: () => server.sendPromptListChanged(),
    resource: (uri) => void server.server.sendResourceUpdated({ uri }),
  };
}
