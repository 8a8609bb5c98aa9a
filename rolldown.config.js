import { defineConfig } from "rolldown";

/**
 * The program in a few files: an agent starts one gateway for each of its servers, and opening hundreds of small
 * modules was most of what it waited for. What only a screen needs stays in its packages.
 */
export default defineConfig({
  input: { callgate: "dist/cli.js" },
  platform: "node",
  external: ["ink", "react", "string-width", "isolated-vm", /^@modelcontextprotocol\//],
  output: {
    dir: "dist/bundle",
    cleanDir: true,
    chunkFileNames: "[name].js",
    // What every gateway loads, with all that it imports, is one file.
    codeSplitting: { groups: [{ name: "gateway", test: /dist\/gateway\/(gateway|session)\.js$/ }] },
  },
});
