import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defaultClientConditions } from 'vite';
import { defineConfig } from 'vitest/config';

// What every screen uses is one file, not thirty; the two large libraries are loaded by those who show them.
function chunk_of(id: string): string | undefined {
  if (/node_modules\/(echarts|zrender)\//.test(id)) return 'echarts';
  if (/node_modules\/(@codemirror|@lezer|style-mod|crelt|w3c-keyname|@marijn)\//.test(id)) return 'codemirror';
  if (/node_modules\/(svelte|esm-env|clsx|@tanstack)\//.test(id) || /\/src\/(ui|lib)\//.test(id) || id.endsWith('/i18n/index.svelte.ts')) return 'base';
  return undefined;
}

// The build must pass the server's Content-Security-Policy: nothing inline, no data: scripts, no outside address.
export default defineConfig({
  plugins: [svelte({ compilerOptions: { fragments: 'tree' } })],
  resolve: { conditions: [...defaultClientConditions] }, // in unit tests, too
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
        manualChunks: chunk_of,
      },
    },
  },
  // `yagura serve` takes changes from its own pages only; those of the development server are ours, too.
  server: {
    host: '127.0.0.1', // found without a name service
    proxy: {
      '/api': {
        target: process.env.YAGURA_API ?? 'http://127.0.0.1:8686',
        changeOrigin: true,
        configure: (proxy) => void proxy.on('proxyReq', (request) => request.removeHeader('origin')),
      },
    },
  },
  test: { include: ['test/**/*.test.ts'], environment: 'node' },
});
