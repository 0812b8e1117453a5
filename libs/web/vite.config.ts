import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

const service = process.env.USHER_URL ?? 'http://127.0.0.1:3000';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  resolve: { conditions: ['@usher/source', ...defaultClientConditions] },
  build: { outDir: 'dist', emptyOutDir: true },
  server: {
    // With the host that the browser calls, so that the pay page leads back to this one.
    proxy: {
      '/v1': { target: service, changeOrigin: false },
      '/sandbox': { target: service, changeOrigin: false },
      '/socket.io': { target: service, ws: true },
    },
  },
});
