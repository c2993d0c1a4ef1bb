# The digests are those of all platforms together; a bot keeps them up to date (renovate.json).
ARG NODE_IMAGE=docker.io/library/node:24.21.0-trixie-slim@sha256:8ec5d7557396cfe32d21c3f9c13072355ceab22b584578ca4bb28af31120cffe
ARG BASE_IMAGE=gcr.io/distroless/cc-debian13:nonroot@sha256:54df941ed0d06a1bd95ef5e0ce391fd8d9f94b64782dc9a60062727849ee3f97

# The bundle is the same for every platform, so that nothing is run but on the platform of the builder.
FROM --platform=${BUILDPLATFORM} ${NODE_IMAGE} AS build
WORKDIR /build
COPY .npmrc package.json package-lock.json ./
COPY tools/node24/package.json tools/node24/
# No package may run a program of its own here; esbuild works without.
RUN npm ci --ignore-scripts
COPY LICENSE tsconfig.json ./
COPY tools tools
COPY src src
RUN npm run build

FROM ${NODE_IMAGE} AS node

FROM ${BASE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="twilio-sink-operator" \
      org.opencontainers.image.description="Kubernetes operator for sinks of Twilio Event Streams." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=node /usr/local/bin/node /usr/local/bin/
COPY --from=node /usr/local/LICENSE /usr/local/
COPY --from=build /build/LICENSE /build/dist/operator.mjs /build/dist/THIRD_PARTY_LICENSES.txt /build/dist/operator.cdx.json /app/
# By number, so that the kubelet can tell that it is not root.
USER 65532:65532
# The first flag bounds memory: docs/adr/0018-young-generation.md. With the second no signal opens the debugger, which
# would give the credentials to whoever reaches it. A pod adds arguments only.
ENTRYPOINT ["node", "--max-semi-space-size=16", "--disable-sigusr1", "/app/operator.mjs"]
