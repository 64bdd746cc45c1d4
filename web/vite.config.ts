import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

// `npm run dev` shows the sources as they are edited, and asks a serving process for everything else.
const server = process.env['MERIDIAN_SERVER'] ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: '../build/web',
    emptyOutDir: true,
    target: 'es2024',
    assetsInlineLimit: 0, // the content policy allows files only
    modulePreload: { polyfill: false },
    manifest: true, // for scripts/finish.mjs, which counts what a route loads
  },
  server: { proxy: { '/v1': { target: server, ws: true }, '/openapi.json': server, '/docs': server } },
})
