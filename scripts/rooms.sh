#!/usr/bin/env bash
# Reports rooms that have grown too large: packages of over 3,000 lines or 25 files
# without tests, types of over 60 methods. A report for whoever plans the next change,
# not a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

git ls-files --cached --others --exclude-standard '*.go' ':!:*_test.go' ':!:*/testdata/*' | while read -r file; do
	[ -f "$file" ] && printf '%s\n' "$file"
done | xargs awk -v most_lines=3000 -v most_files=25 -v most_methods=60 '
	FNR == 1 { room = FILENAME; sub(/\/[^\/]*$/, "", room); files[room]++ }
	{ lines[room]++; total++ }
	/^func \([A-Za-z_0-9]* *\*?[A-Za-z_]/ {
		type = $0
		sub(/^func \(/, "", type)
		sub(/[)\[].*/, "", type) # the receiver, without type parameters
		sub(/.*[ *]/, "", type)
		methods[room "." type]++
	}
	END {
		for (room in lines) {
			rooms++
			if (lines[room] > most_lines || files[room] > most_files) printf "%6d lines in %3d files: %s\n", lines[room], files[room], room
		}
		for (type in methods) if (methods[type] > most_methods) printf "%6d methods: %s\n", methods[type], type
		printf "%6d lines without tests in %d packages\n", total, rooms
	}' | sort -k2,2 -k1,1nr
