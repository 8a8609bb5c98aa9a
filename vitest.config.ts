import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.{ts,tsx}"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Real processes, sockets and deadlines on a machine that may be busy: CI looks again before it says no.
    retry: process.env.CI ? 2 : 0,
    pool: "forks",
    maxWorkers: 2,
  },
});
