#!/usr/bin/env bash
# Formatting, vet, staticcheck, import direction, numbering of the migrations.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }

step gofmt
unformatted=$(git ls-files --cached --others --exclude-standard '*.go' | xargs gofmt -l)
if [ -n "$unformatted" ]; then
	printf 'not formatted:\n%s\n' "$unformatted"
	exit 1
fi

step go vet
go vet ./...

step staticcheck
go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

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
