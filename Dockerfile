# The image: one static binary, the certificates that webhooks over TLS need, and two folders. It needs BuildKit, which
# Docker 23 and later have with buildx; for an older one, DOCKER_BUILDKIT=1 docker build -t mozartosim .; for either platform:
#   docker buildx build --platform linux/amd64,linux/arm64 -t mozartosim .
# The build runs on the machine's own platform and compiles for the target's. Modules and what was compiled stay in caches.
FROM --platform=${BUILDPLATFORM:-BuildKit_is_missing__set_DOCKER_BUILDKIT_to_1} golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG TARGETOS=linux TARGETARCH VERSION=devel
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags "-s -w -X main.release=$VERSION" -o /rootfs/mozartosim ./cmd/mozartosim
RUN .ci/rootfs /rootfs

FROM scratch
COPY --from=build --chown=65532:65532 /rootfs /
USER 65532:65532
# Both listeners must be reached from outside the container, so the admin API asks for a token: MOZARTOSIM_ADMIN_TOKEN, or
# the one that is printed at the start.
ENV MOZARTOSIM_PUBLIC_ADDR=0.0.0.0:8080 MOZARTOSIM_ADMIN_ADDR=0.0.0.0:8081 \
    MOZARTOSIM_DATA=/data/mozartosim.db MOZARTOSIM_SCENARIOS=/scenarios
EXPOSE 8080 8081
VOLUME ["/data"]
# The first check comes after one interval.
HEALTHCHECK --interval=3s --timeout=2s --start-period=2s CMD ["/mozartosim", "health"]
ENTRYPOINT ["/mozartosim"]
CMD ["serve"]
