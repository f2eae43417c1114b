# The command as a static program with nothing beside it. `deploy/check_image.sh` makes the same root without Docker.

FROM rust:1.95-alpine AS build
RUN apk add --no-cache musl-dev gcc
WORKDIR /source
COPY . .
RUN cargo build --locked --profile dist -p cratedigger --features full \
 && install -D target/dist/cratedigger /image/usr/bin/cratedigger \
 && install -d -m 1777 /image/tmp \
 && install -D -m 644 /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ca-certificates.crt

FROM scratch
LABEL org.opencontainers.image.title="cratedigger" \
      org.opencontainers.image.description="Genres that a person can trust, from music files and catalogue metadata" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --from=build /image /
ENV CRATEDIGGER_CACHE=/tmp/cratedigger SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
USER 65532:65532
WORKDIR /tmp
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s CMD ["/usr/bin/cratedigger", "serve", "--check"]
ENTRYPOINT ["/usr/bin/cratedigger"]
CMD ["--help"]
