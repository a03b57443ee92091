# The image: one static binary, the certificates that webhooks over TLS need, and two folders. Build for either platform:
#   docker buildx build --platform linux/amd64,linux/arm64 -t mozartosim .
# The build runs on the machine's own platform and compiles for the target's.
FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS=linux TARGETARCH VERSION=devel
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags "-s -w -X main.release=$VERSION" -o /rootfs/mozartosim ./cmd/mozartosim
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
HEALTHCHECK --interval=10s --timeout=3s --start-period=2s CMD ["/mozartosim", "health"]
ENTRYPOINT ["/mozartosim"]
CMD ["serve"]
