package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// originOf describes this machine and this commit. A tree with changes is refused: a
// figure that names a commit must come from it.
func originOf(ctx context.Context, date string) (origin, error) {
	changed, err := output(ctx, "git", "status", "--porcelain")
	if err != nil {
		return origin{}, err
	}
	if changed != "" {
		return origin{}, fmt.Errorf("the tree has changes that are not committed, so no commit could be named:\n%s", changed)
	}
	commit, err := output(ctx, "git", "rev-parse", "--short=10", "HEAD")
	if err != nil {
		return origin{}, err
	}
	server, err := output(ctx, "psql", "--version")
	if err != nil {
		return origin{}, err
	}
	return origin{Date: date, Commit: commit, Machine: strings.Join([]string{
		fmt.Sprintf("%d × %s", runtime.NumCPU(), firstMatch("/proc/cpuinfo", `model name\s*:\s*(.+)`)),
		memory(), firstMatch("/etc/os-release", `PRETTY_NAME="(.+)"`), strings.TrimPrefix(server, "psql (PostgreSQL) "), runtime.Version(),
	}, "; ")}, nil
}

func output(ctx context.Context, name string, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, name, args...).Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}

// firstMatch returns the first group of the expression in the file; "?" where there is none.
func firstMatch(path, expression string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "?"
	}
	found := regexp.MustCompile(expression).FindSubmatch(text)
	if found == nil {
		return "?"
	}
	return strings.TrimSpace(string(found[1]))
}

func memory() string {
	kb, err := strconv.Atoi(firstMatch("/proc/meminfo", `MemTotal:\s*(\d+)`))
	if err != nil {
		return "? GiB"
	}
	return fmt.Sprintf("%d GiB", (kb+1<<19)>>20)
}

// measure runs the benchmarks of one package after the other (-p 1): side by side they
// would take the processors from one another, and from each other's baselines.
func measure(ctx context.Context, from origin, people, runs int, bench string) (record, error) {
	args := []string{"test", "-p", "1", "-v", "-run", "^$", "-bench", bench, "-benchtime", "1x", "-count", strconv.Itoa(runs), "-timeout", "4h", "./..."}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), "DISBURSE_BENCH_PEOPLE="+strconv.Itoa(people))
	var printed bytes.Buffer
	cmd.Stdout, cmd.Stderr = io.MultiWriter(os.Stdout, &printed), os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	measured, err := parse(&printed)
	if err != nil {
		return nil, err
	}
	for name, r := range measured {
		r.origin = from
		r.Command = fmt.Sprintf("make evidence BENCH='^%s$$' BENCH_PEOPLE=%d RUNS=%d", name, people, runs)
		if r.Source, err = sourceHash(".", r.Package, name); err != nil {
			return nil, err
		}
		measured[name] = r
	}
	return measured, nil
}

// parse reads what `go test -v -bench` prints: a line pkg: a package, and a line a run
// with the number of iterations and pairs of value and unit.
func parse(printed io.Reader) (record, error) {
	out, pkg := record{}, ""
	lines := bufio.NewScanner(printed)
	for lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), "pkg: "); ok {
			pkg = rest
		}
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") || len(fields)%2 != 0 {
			continue
		}
		name, _, _ := strings.Cut(fields[0], "-") // the number of processors
		r, known := out[name]
		if !known {
			r = result{Package: pkg, Metrics: map[string][]float64{}}
		} else if r.Package != pkg {
			return nil, fmt.Errorf("%s is in %s and in %s; give one another name", name, r.Package, pkg)
		}
		for i := 2; i < len(fields); i += 2 {
			value, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return nil, fmt.Errorf("%q: %w", lines.Text(), err)
			}
			r.Metrics[fields[i+1]] = append(r.Metrics[fields[i+1]], value)
		}
		out[name] = r
	}
	return out, lines.Err()
}
