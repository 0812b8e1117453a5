import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

const serviceUrl = process.env.USHER_URL ?? 'http://127.0.0.1:3000';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  resolve: { conditions: ['@usher/source', ...defaultClientConditions] },
  build: { outDir: 'dist', emptyOutDir: true, license: { fileName: 'third-party-licences.md' } },
  server: {
    proxy: {
      '/v1': serviceUrl,
      '/sandbox': serviceUrl,
      '/socket.io': { target: serviceUrl, ws: true },
    },
  },
});
