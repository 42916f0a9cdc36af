// One page, one script, one style sheet, under /console/: what src/servers/console embeds.
import { defineConfig } from "vite";

export default defineConfig({
  base: "/console/",
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: { outDir: process.env.KEEL_CONSOLE_OUT ?? "dist", emptyOutDir: true, modulePreload: false, assetsInlineLimit: 0 },
});
