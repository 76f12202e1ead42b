// Command evidence measures the benchmarks, keeps what they printed in docs/evidence.json,
// and writes the tables of docs/evidence.md from that record alone, so that
// no figure in the papers is typed by hand or outlives the benchmark it came from.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
)

const usage = `usage, from the module's root:
  evidence measure -date YYYY-MM-DD [-people N] [-runs N] [-bench REGEXP]   run the benchmarks and write record and tables
  evidence render                                                           write the tables from the record
  evidence check                                                            fail where a table is not what the record gives`

// minRuns is the least number of runs from which a figure is quoted: a median and a range
// need three.
const minRuns = 3

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := execute(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "evidence:", err)
		os.Exit(1)
	}
}

func execute(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("no verb\n%s", usage)
	}
	switch verb, rest := args[0], args[1:]; verb {
	case "measure":
		return measureAll(ctx, rest)
	case "render":
		return eachPaper(".", write)
	case "check":
		return eachPaper(".", compare)
	default:
		return fmt.Errorf("no verb %q\n%s", verb, usage)
	}
}

func measureAll(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("measure", flag.ContinueOnError)
	date := flags.String("date", "", "the day of the measurement, YYYY-MM-DD")
	people := flags.Int("people", 1_000_000, "DISBURSE_BENCH_PEOPLE")
	runs := flags.Int("runs", minRuns, "how often each benchmark is run")
	bench := flags.String("bench", ".", "which benchmarks (go test -bench)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *date == "" || *runs < minRuns {
		return fmt.Errorf("-date is needed, and -runs of %d or more\n%s", minRuns, usage)
	}
	origin, err := originOf(ctx, *date)
	if err != nil {
		return err
	}
	measured, err := measure(ctx, origin, *people, *runs, *bench)
	if err != nil {
		return err
	}
	kept, err := readRecord(recordPath)
	if err != nil {
		return err
	}
	if err := kept.take(measured).write(recordPath); err != nil {
		return err
	}
	return eachPaper(".", write)
}

// papers are the files with a table between the two markers.
var papers = map[string]func(record, staleness) string{
	"docs/evidence.md": allFigures,
}

const (
	begin = "<!-- evidence: written by make evidence, never by hand -->\n"
	end   = "<!-- evidence ends -->\n"
)

// eachPaper hands do each paper's path, its text, and the text that the record gives.
func eachPaper(root string, do func(path string, is, want []byte) error) error {
	kept, err := readRecord(filepath.Join(root, recordPath))
	if err != nil {
		return err
	}
	stale, err := kept.stale(root)
	if err != nil {
		return err
	}
	for name, tables := range papers {
		path := filepath.Join(root, name)
		is, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		want, err := between(is, tables(kept, stale))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := do(path, is, want); err != nil {
			return err
		}
	}
	return nil
}

// between returns the text with what stands between the markers replaced.
func between(text []byte, tables string) ([]byte, error) {
	head, rest, found := bytes.Cut(text, []byte(begin))
	_, tail, closed := bytes.Cut(rest, []byte(end))
	if !found || !closed {
		return nil, fmt.Errorf("the markers %q and %q are not there", begin, end)
	}
	return bytes.Join([][]byte{head, []byte(begin), []byte(tables), []byte(end), tail}, nil), nil
}

func write(path string, is, want []byte) error {
	if bytes.Equal(is, want) {
		return nil
	}
	return os.WriteFile(path, want, 0o644)
}

func compare(path string, is, want []byte) error {
	if !bytes.Equal(is, want) {
		return fmt.Errorf("%s does not show what docs/evidence.json and the benchmarks of today give: a benchmark changed since it was measured, or the table was edited; "+
			"`make evidence` measures anew, `go run ./scripts/evidence render` marks what is stale", path)
	}
	return nil
}
