package embedded

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"disburse/internal/fault"
)

// MinVersion is the oldest major version of PostgreSQL that will do.
const MinVersion = 15

// BinEnv names the environment variable that says where postgres and initdb are.
const BinEnv = "DISBURSE_PG_BIN"

// binPlaces are where distributions put the server's programs: Debian and
// Ubuntu, the PostgreSQL project's RPMs, openSUSE, Alpine, then Fedora, Arch and
// builds from source.
var binPlaces = []string{
	"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/lib/postgresql[0-9]*/bin",
	"/usr/libexec/postgresql*", "/usr/bin", "/usr/local/pgsql/bin", "/usr/local/bin", "/opt/postgresql*/bin",
}

// installation is a directory with postgres and initdb of one major version.
type installation struct {
	dir   string
	major int
}

// findInstallation returns the programs for a cluster of the major version, or
// the best ones when major is 0: what BinEnv says and nothing else when it is
// set, else what pg_config in PATH says, else the newest found.
func findInstallation(ctx context.Context, major int) (installation, error) {
	if dir := os.Getenv(BinEnv); dir != "" {
		in, ok := inspect(ctx, dir)
		if !ok {
			return in, fault.New(fault.Invalid, "%s=%s 中没有 PostgreSQL 的 postgres 和 initdb 程序，请改正这个环境变量", BinEnv, dir)
		}
		return in, in.suits(major)
	}
	var found []installation
	for _, dir := range candidates(ctx) {
		if in, ok := inspect(ctx, dir); ok {
			if in.suits(major) == nil {
				return in, nil
			}
			found = append(found, in)
		}
	}
	if len(found) == 0 {
		return installation{}, fault.New(fault.NotFound,
			"本机没有 PostgreSQL，请安装 %d 或更新的版本（Debian 12：apt-get install --no-install-recommends postgresql-15；或运行 scripts/setup.sh），或用 --db 连接已有的数据库", MinVersion)
	}
	return found[0], found[0].suits(major)
}

// suits returns nil, or the fault why a cluster of the major version (0: a new
// one) cannot be run by in.
func (in installation) suits(major int) error {
	if in.major < MinVersion {
		return fault.New(fault.Refused, "本机的 PostgreSQL %d（%s）太旧，请安装 %d 或更新的版本（Debian 12：apt-get install postgresql-15）", in.major, in.dir, MinVersion)
	}
	if major != 0 && in.major != major {
		return fault.New(fault.Refused, "数据目录是用 PostgreSQL %d 建立的，本机找到的是 %d（%s），请安装 PostgreSQL %d（Debian：apt-get install postgresql-%d），或先用旧版本导出数据", major, in.major, in.dir, major, major)
	}
	return nil
}

// candidates lists directories to look into, best first.
func candidates(ctx context.Context) []string {
	var dirs []string
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	for _, place := range binPlaces {
		found, _ := filepath.Glob(place) // the only error is a bad pattern
		slices.SortFunc(found, func(a, b string) int { return numberIn(b) - numberIn(a) })
		dirs = append(dirs, found...)
	}
	return dirs
}

// numberIn returns the first number in a path, the version in its name.
func numberIn(path string) int {
	start := strings.IndexAny(path, "0123456789")
	if start < 0 {
		return 0
	}
	digits := path[start:]
	if end := strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
		digits = digits[:end]
	}
	n, _ := strconv.Atoi(digits)
	return n
}

// inspect reports whether dir has the server's programs, and of which version.
func inspect(ctx context.Context, dir string) (installation, bool) {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return installation{}, false
	}
	// postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return installation{}, false
	}
	_, version, ok := strings.Cut(string(out), "(PostgreSQL) ")
	return installation{dir, numberIn(version)}, ok
}
