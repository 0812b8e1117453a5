import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

const serviceUrl = process.env.USHER_URL ?? 'http://127.0.0.1:3000';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  resolve: { conditions: ['@usher/source', ...defaultClientConditions] },
  build: { outDir: 'dist', emptyOutDir: true, license: { fileName: 'third-party-licences.md' } },
  server: {
    // The proxy keeps the `Host` header of the browser's request, so that the pay page returns to this server.
    proxy: {
      '/v1': { target: serviceUrl, changeOrigin: false },
      '/sandbox': { target: serviceUrl, changeOrigin: false },
      '/socket.io': { target: serviceUrl, ws: true },
    },
  },
});
