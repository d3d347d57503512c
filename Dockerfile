# docker build -t remediation-orchestrator .
FROM node:24-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && npm ci --omit=dev

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json LICENSE ./
# What `ro crds` prints and `ro dev` starts with.
COPY deploy ./deploy
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
USER 65532:65532
# Node itself is process 1, and takes the signals of the kubelet.
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["run"]
