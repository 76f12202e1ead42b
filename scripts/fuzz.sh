#!/usr/bin/env bash
# Runs every fuzz target of the module for a while: scripts/fuzz.sh [10s]
set -euo pipefail
cd "$(dirname "$0")/.."

found=0
for package in $(go list ./...); do
	for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		printf '\n== %s %s\n' "$package" "$target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "${1:-10s}" "$package"
		found=$((found + 1))
	done
done
printf '\n%d fuzz targets ran\n' $found
[ $found -gt 0 ]
