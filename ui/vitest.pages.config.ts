import { defineConfig } from "vitest/config";

// The real pages in a real browser over the mock centre: slow, so apart from the unit tests.
export default defineConfig({
  test: {
    environment: "node",
    include: ["tests/pages/*.test.ts"],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
