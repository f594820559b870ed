import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// The build must pass the server's Content-Security-Policy: nothing inline, no data: scripts, no outside address.
export default defineConfig({
  plugins: [svelte({ compilerOptions: { fragments: 'tree' } })],
  resolve: { conditions: ['browser'] },
  build: {
    target: ['chrome123', 'firefox120', 'safari17.5'],
    outDir: process.env.YAGURA_WEB_OUT ?? 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    rollupOptions: {
      output: {
        entryFileNames: 'assets/[name]-[hash].js',
        chunkFileNames: 'assets/[name]-[hash].js',
        assetFileNames: 'assets/[name]-[hash][extname]',
        manualChunks: (id) =>
          /node_modules\/(echarts|zrender)\//.test(id) ? 'echarts' : /node_modules\/(@codemirror|@lezer|style-mod|crelt|w3c-keyname)/.test(id) ? 'codemirror' : undefined,
      },
    },
  },
  server: { proxy: { '/api': process.env.YAGURA_API ?? 'http://127.0.0.1:8686' } },
  test: { include: ['test/**/*.test.ts'], environment: 'node' },
});
