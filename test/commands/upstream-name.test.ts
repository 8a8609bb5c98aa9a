import { expect, test } from "vitest";
import { upstreamName } from "../../src/commands/upstream-name.ts";

test.each([
  ["npx -y @modelcontextprotocol/server-memory@1.2 --x", "server-memory"],
  ["node node_modules/@modelcontextprotocol/server-filesystem/dist/index.js /tmp", "server-filesystem"],
  ["node /opt/payments/src/main.ts", "payments"],
  ["node payments-server.ts", "payments-server"],
  ["node index.js", "index"],
  ["uvx mcp-server-git", "mcp-server-git"],
  ["docker run -i --rm mcp/postgres", "postgres"],
  ["/usr/local/bin/github-mcp-server stdio", "github-mcp-server"],
  ["python -m weather", "weather"],
])("%s is %s", (command, name) => {
  expect(upstreamName(command.split(" "))).toBe(name);
});
