import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// In the mode "mock" the two modules that reach the station are replaced by a believable centre that lives in the page.
// The production build never resolves a file of src/mock: tests/dist.test.ts holds that.
const mock = [
  { find: "@tauri-apps/api/core", replacement: here("./src/mock/core.ts") },
  { find: "@tauri-apps/api/event", replacement: here("./src/mock/event.ts") },
];

export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
  resolve: {
    alias: [
      { find: "$problems", replacement: here("../fixtures/problems.json") },
      ...(mode === "mock" ? mock : []),
    ],
  },
  server: { port: 0, fs: { allow: [here(".."), here(".")] } },
  build: {
    outDir: mode === "mock" ? "node_modules/.mock-dist" : "dist",
    emptyOutDir: true,
    // The content security policy allows no inline script, and fonts only as files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
}));
