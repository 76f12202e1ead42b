#!/usr/bin/env bash
# Takes the pictures of the console in docs/images anew: the browser tests make them, and
# this picks those that README and manual show. Look at them before you commit.
set -euo pipefail
cd "$(dirname "$0")/.."

# name in docs/images = name the test gives
pictures=(setup=setup month=month import=import checks=batch-checks bridge=batch-bridge reviewer=batch-reviewer
	result=bank-trial reconcile=bank-reconcile person=person accounts=accounts done=month-done policy=policy
	new=person-new calendar=calendar-history why=why)

shots=$(mktemp -d)
trap 'rm -rf "$shots"' EXIT
DISBURSE_SHOTS=$shots go test ./internal/console -count=1 -run 'InTheBrowser$' "$@"
for p in "${pictures[@]}"; do
	cp "$shots/${p#*=}.png" "docs/images/console-${p%%=*}.png"
done
printf 'wrote %d pictures to docs/images\n' "${#pictures[@]}"
