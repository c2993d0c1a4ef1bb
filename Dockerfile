# Both may be pinned by digest: --build-arg NODE_IMAGE=docker.io/library/node@sha256:…
ARG NODE_IMAGE=docker.io/library/node:24.21.0-trixie-slim
ARG BASE_IMAGE=gcr.io/distroless/cc-debian13:nonroot

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY .npmrc package.json package-lock.json ./
COPY tools/node24/package.json tools/node24/
# No package may run a program of its own here; esbuild works without.
RUN npm ci --ignore-scripts
COPY LICENSE tsconfig.json ./
COPY tools tools
COPY src src
RUN npm run build

FROM ${BASE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="twilio-sink-operator" \
      org.opencontainers.image.description="Kubernetes operator for sinks of Twilio Event Streams." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /usr/local/bin/node /usr/local/bin/
COPY --from=build /usr/local/LICENSE /usr/local/
COPY --from=build /build/LICENSE /build/dist/operator.mjs /build/dist/THIRD_PARTY_LICENSES.txt /app/
# By number, so that the kubelet can tell that it is not root.
USER 65532:65532
# The first flag bounds memory: docs/adr/0018-young-generation.md. With the second no signal opens the debugger, which
# would give the credentials to whoever reaches it. A pod adds arguments only.
ENTRYPOINT ["node", "--max-semi-space-size=16", "--disable-sigusr1", "/app/operator.mjs"]
