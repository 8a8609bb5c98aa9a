#!/usr/bin/env node
// Runs on any Node, to say which one it needs or to go on under the one that is installed beside it.
import { spawn } from "node:child_process";
import * as nodeModule from "node:module";
import { constants } from "node:os";

const NEEDED = 24;
const major = Number(process.versions.node.split(".")[0]);

if (major >= NEEDED) {
  nodeModule.enableCompileCache();
  await import("../dist/bundle/callgate.js");
} else {
  const node = bundledNode();
  if (node === null) {
    process.stderr.write(`callgate needs Node.js ${NEEDED} or newer; this is ${process.versions.node}.\n`);
    process.exitCode = 2;
  } else {
    const child = spawn(node, process.argv.slice(1), { stdio: "inherit" });
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
    child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
  }
}

function bundledNode() {
  try {
    return nodeModule.createRequire(import.meta.url).resolve("node/bin/node");
  } catch {
    return null;
  }
}
