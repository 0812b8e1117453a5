# syntax=docker/dockerfile:1
# The production image of the service. PostgreSQL and Redis run outside it (DATABASE_URL, REDIS_URL). See docker-compose.yml.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY libs/contract/package.json libs/contract/
COPY libs/client/package.json libs/client/
COPY libs/web/package.json libs/web/
# Skips install scripts: `prepare` would build before the sources are copied, and the image uses no embedded PostgreSQL.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY . .
# The optional dependencies, 200 MB, are a copy of Node and an embedded PostgreSQL. This image needs neither.
RUN npm run build && npm prune --omit=dev --omit=optional --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production PORT=3000 HOST=0.0.0.0
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE /app/THIRD-PARTY-NOTICES.txt ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/libs libs
COPY --from=build /app/dist dist
USER node
EXPOSE 3000
HEALTHCHECK --interval=5s --timeout=4s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.OPERATIONS_PORT || process.env.PORT}/health/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]
