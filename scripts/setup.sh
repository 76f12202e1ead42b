#!/usr/bin/env bash
# Installs what disburse needs beside Go, where it is missing (Debian, Ubuntu):
#
#   scripts/setup.sh db      PostgreSQL 15 or newer, programs only: no server is
#                            started, disburse runs a private one
#   scripts/setup.sh tests   LibreOffice Calc without its windows, poppler-utils and a
#                            Chinese font: the tests read and print the workbooks with
#                            them; Chromium: the tests of the console drive it; a C
#                            compiler: the race detector needs cgo
#
# Does nothing, and says nothing, when everything is there.
set -euo pipefail

say() { printf 'setup: %s\n' "$*" >&2; }

has_postgres() {
	if [ -n "${DISBURSE_PG_BIN:-}" ]; then
		[ -x "$DISBURSE_PG_BIN/postgres" ]
		return
	fi
	local bin places=(/usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/lib/postgresql[0-9]*/bin
		/usr/libexec/postgresql* /usr/bin /usr/local/pgsql/bin /usr/local/bin /opt/postgresql*/bin)
	if command -v pg_config >/dev/null; then places+=("$(pg_config --bindir)"); fi
	for bin in "${places[@]}"; do
		if [ -x "$bin/postgres" ] && [ "$("$bin/postgres" --version | sed -E 's/.*\) ([0-9]+).*/\1/')" -ge 15 ]; then
			return 0
		fi
	done
	return 1
}

has_chinese_font() {
	command -v fc-list >/dev/null && fc-list 2>/dev/null | grep -i 'noto.*cjk' >/dev/null
}

# has_chromium looks where the tests look (internal/console/browser_test.go).
has_chromium() {
	local program
	for program in /usr/bin/chromium /usr/bin/chromium-browser /usr/bin/google-chrome; do
		if [ -x "$program" ]; then return 0; fi
	done
	return 1
}

# has_c: a compiler, and the headers that Debian packs apart from it.
has_c() {
	command -v "${CC:-gcc}" >/dev/null && printf '#include <stdlib.h>\n' | "${CC:-gcc}" -E - >/dev/null 2>&1
}

# The packages that are missing, with the reason for each in why.
packages=()
why=()
need() { packages+=("$1"); why+=("$1: $2"); }

check_db() {
	has_postgres || need postgresql "the database (programs only, no server is started)"
}

check_tests() {
	command -v soffice >/dev/null || need libreoffice-calc-nogui "an independent reader of the workbooks, for the tests"
	command -v pdftotext >/dev/null || need poppler-utils "looks at printed pages, for the tests"
	has_chromium || need chromium "shows the console's pages, for the tests"
	has_chinese_font || need fonts-noto-cjk "shows all Chinese characters, rare ones in names too"
	if ! has_c; then
		need gcc "the race detector needs cgo, for the tests"
		need libc6-dev "headers for gcc"
	fi
	# fc-list itself, without which the font would not be found the next time
	command -v fc-list >/dev/null || need fontconfig "finds the font"
}

# newest_postgres prints the name of the newest server package of 15 or later.
newest_postgres() {
	apt-cache search --names-only '^postgresql-[0-9]+$' | awk '{print $1}' | sort -t- -k2 -n | tail -n 1
}

# without_cluster runs a command while Debian's packages are told not to set up
# and start a server of their own.
without_cluster() {
	local dir=/etc/postgresql-common/createcluster.d
	local rule=$dir/disburse-setup.conf
	mkdir -p "$dir"
	echo 'create_main_cluster = false' >"$rule"
	local status=0
	"$@" || status=$?
	rm -f "$rule"
	return $status
}

install() {
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	local i names=()
	for i in "${packages[@]}"; do
		if [ "$i" = postgresql ]; then
			i=$(newest_postgres)
			if [ -z "$i" ] || [ "${i#postgresql-}" -lt 15 ]; then
				say "this system has no package of PostgreSQL 15 or newer; see https://www.postgresql.org/download/"
				exit 1
			fi
		fi
		names+=("$i")
	done
	without_cluster apt-get install -y -qq --no-install-recommends "${names[@]}" >&2
}

for what in "$@"; do
	case $what in
	db) check_db ;;
	tests) check_tests ;;
	*)
		say "unknown: $what (db, tests)"
		exit 2
		;;
	esac
done
[ ${#packages[@]} -gt 0 ] || exit 0

say "missing on this machine:"
for reason in "${why[@]}"; do say "  $reason"; done
if ! command -v apt-get >/dev/null; then
	say "this is no Debian or Ubuntu; install these with your own package manager"
	exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
	if sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }; then
		say "installing them with sudo"
		exec sudo --preserve-env=DISBURSE_PG_BIN "$0" "$@"
	fi
	say "not root and no sudo; please run as root: $(cd "$(dirname "$0")" && pwd)/setup.sh $*"
	exit 1
fi
say "installing them"
install
say "done"
