import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte()],
  resolve: {
    conditions: ["browser"],
    alias: { $problems: fileURLToPath(new URL("../fixtures/problems.json", import.meta.url)) },
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.ts", "tests/*.test.ts"] },
});
