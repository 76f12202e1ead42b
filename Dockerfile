# The program alone, for a database that runs elsewhere (docker-compose.yml).
#
#   docker build -t disburse .
#   docker run --rm -e DATABASE_URL=postgres://… disburse --help

# The newest patch of the minor version in go.mod (scripts/lint.sh compares): its fixes to
# the standard library are the program's. Raise it with each Go security release.
FROM golang:1.26.11-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -o /disburse ./cmd/disburse

FROM debian:bookworm-slim
# Certificates to reach a database over TLS; the zone Asia/Shanghai.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates tzdata \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin disburse \
 && install -d -o disburse -g disburse -m 0750 /work
COPY --from=build /disburse /usr/local/bin/disburse
USER disburse
# Workbooks come in and files go out here.
WORKDIR /work
VOLUME /work
ENTRYPOINT ["disburse"]
CMD ["--help"]
