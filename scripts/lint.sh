#!/usr/bin/env bash
# Formatting, golangci-lint (vet and staticcheck among its linters), dead code, go.mod,
# import direction, numbering of the migrations. About a minute with warm caches; the
# first run also builds the tools, which takes some minutes.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }

step gofmt
unformatted=$(git ls-files --cached --others --exclude-standard '*.go' | xargs gofmt -l)
if [ -n "$unformatted" ]; then
	printf 'not formatted:\n%s\n' "$unformatted"
	exit 1
fi

step 'golangci-lint (.golangci.yml)'
go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run ./...

step 'dead code'
scripts/deadcode.sh

step 'go.mod names what is used'
go mod tidy -diff

step 'the Dockerfile builds with the Go of go.mod'
minor=$(sed -nE 's/^go ([0-9]+\.[0-9]+)(\..*)?$/\1/p' go.mod)
if ! grep -qE "^FROM golang:${minor//./\\.}\.[0-9]+-" Dockerfile; then
	printf 'go.mod is for Go %s; name its newest patch in the Dockerfile\n' "$minor"
	exit 1
fi

step 'import direction, clock'
go test -v -run '^TestLayout' ./internal

step 'migrations without gaps'
due=1
for file in migrations/*.sql; do
	if ! [[ $(basename "$file") =~ ^$(printf %04d $due)_[a-z0-9_]+\.sql$ ]]; then
		printf '%s stands where number %04d is due\n' "$file" $due
		exit 1
	fi
	echo "$file"
	due=$((due + 1))
done
