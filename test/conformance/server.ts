/**
 * An MCP server for tests, in both protocol eras: on stdio, or with `--http` on Streamable HTTP at a port of its
 * own, which it prints on stderr. Offers what the official conformance suite's scenarios ask a server for.
 */
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { createFixture } from "./fixture.ts";
import { serveHttp } from "./http.ts";

if (process.argv.includes("--http")) {
  process.stderr.write(`fixture listening on ${await serveHttp(Number(process.env.PORT ?? 0))}\n`);
} else {
  serveStdio(() => createFixture());
}
