#!/usr/bin/env bash
# Names functions that nothing reaches: not even a test (first pass), or tests alone and
# scripts/deadcode.txt does not say why (second pass). Also exceptions that nothing needs.
set -euo pipefail
cd "$(dirname "$0")/.."

deadcode() { go run golang.org/x/tools/cmd/deadcode@v0.52.0 -f '{{range .Funcs}}{{$.Path}} {{.Name}} {{.Position}}{{println}}{{end}}' "$@" ./...; }

reached=$(deadcode -test)
if [ -n "${reached//[[:space:]]/}" ]; then
	printf 'nothing uses these, remove them:\n%s\n' "$reached"
	exit 1
fi

deadcode | awk '
	FNR == NR {
		if ($0 !~ /^(#|$)/) { may["disburse/" $1, $2] = $1 " " $2 }
		next
	}
	NF == 0 { next }
	($1, $2) in may { used[$1, $2] = 1; next }
	($1, "*") in may { used[$1, "*"] = 1; next }
	{ print "only tests use " $1 " " $2 " (" $3 "): remove it, or give the reason in scripts/deadcode.txt"; bad = 1 }
	END {
		for (key in may) if (!(key in used)) { print "scripts/deadcode.txt excepts " may[key] ", which needs no exception"; bad = 1 }
		exit bad
	}' scripts/deadcode.txt -
