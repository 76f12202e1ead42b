package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// everything is what two histories are compared by: the rows of every table, whole, and the
// SHA-256 of every exported file. Left out: passwords (salted), numbers of notices, and the
// log of who looked at what, where an export that was done twice stands twice, rightly.
func (w *world) everything() (map[string]string, error) {
	tables, err := w.query(`SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	var sql []string // of all tables: its name behind a mark, and its rows
	for _, table := range tables {
		rows := "SELECT t::text FROM " + table + " t ORDER BY 1"
		switch table {
		case "access_log", "access_link", "schema_migration":
			continue
		case "notice": // its number is a sequence's, which leaves gaps after a kill
			rows = "SELECT (to_jsonb(t) - 'n')::text FROM notice t ORDER BY 1"
		case "account_user":
			rows = "SELECT region, name, post, bureau, active FROM account_user ORDER BY 1, 2"
		}
		sql = append(sql, "SELECT '"+tableMark+table+"'", rows)
	}
	if sql == nil {
		return nil, errors.New("there are no tables")
	}
	all, err := w.query(sql...)
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for i := 0; i < len(all); {
		table, ok := strings.CutPrefix(all[i], tableMark)
		if !ok {
			return nil, fmt.Errorf("row of no table: %s", all[i])
		}
		end := i + 1
		for end < len(all) && !strings.HasPrefix(all[end], tableMark) {
			end++
		}
		found[table], i = strings.Join(all[i+1:end], "\n"), end
	}
	root := filepath.Join(w.dir, "out")
	return found, filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		sum := sha256.Sum256(body)
		found["file "+name] = hex.EncodeToString(sum[:])
		return err
	})
}

// tableMark begins a line that no line of a row, of a pack for example, begins with.
const tableMark = "\x02"

// differences names the tables and files that differ, and their first different row.
func differences(want, got map[string]string) []string {
	names := maps.Clone(want)
	maps.Copy(names, got)
	var all []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if want[name] == got[name] {
			continue
		}
		a, b := strings.Split(want[name], "\n"), strings.Split(got[name], "\n")
		i := 0
		for i < len(a) && i < len(b) && a[i] == b[i] {
			i++
		}
		row := func(rows []string) string {
			if i < len(rows) {
				return rows[i]
			}
			return "nothing"
		}
		all = append(all, fmt.Sprintf("%s: %d rows, undisturbed %d; row %d is %q, undisturbed %q", name, len(b), len(a), i+1, row(b), row(a)))
	}
	return all
}

// sound lets the program itself look: the audit chain, and both months recomputed.
func (w *world) sound() error {
	for _, args := range [][]string{{"audit", "verify"}, {"verify", "2026-10"}, {"verify", "2026-11"}} {
		cmd, said := w.prepare(w.at(len(w.steps)), args...)
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%v: %w: %s", args, err, said)
		}
	}
	return nil
}

// record counts what a campaign did.
type record struct {
	seed      uint64
	began     time.Time
	steps     int
	histories int
	kills     int
	late      int // the command, or the victim, was already gone
	retries   int
	done      int // kills after which the work was there nevertheless
	by        map[string]map[victim]int
	failures  []string
}

func newRecord(seed uint64, s *scene) *record {
	return &record{seed: seed, began: time.Now(), steps: len(s.steps), by: map[string]map[victim]int{}}
}

func (r *record) note(command string, v victim, o outcome, try int, done bool) {
	if try > 0 {
		r.retries++
	}
	if v == "" {
		return
	}
	if !o.struck {
		r.late++
		return
	}
	r.kills++
	if done {
		r.done++
	}
	if r.by[command] == nil {
		r.by[command] = map[victim]int{}
	}
	r.by[command][v]++
}

// failure notes a difference in the world w, whose places on this machine say nothing elsewhere.
func (r *record) failure(w *world, format string, args ...any) {
	places := strings.NewReplacer(w.dir, "WORLD", w.scene.dir, "INPUTS")
	r.failures = append(r.failures, places.Replace(fmt.Sprintf(format, args...)))
}

var victims = []victim{program, postmaster, backend, keeperProc, bothProcs}

func (r *record) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Kill campaign (make torture), %s\n\n", r.began.UTC().Format("2006-01-02"))
	fmt.Fprintf(&b, "seed %d, %d people, %d commands a history, fsync on, on a disk\n", r.seed, people, r.steps)
	fmt.Fprintf(&b, "histories %d, kills (SIGKILL) %d, retries %d, %s\n", r.histories, r.kills, r.retries, time.Since(r.began).Round(time.Second))
	fmt.Fprintf(&b, "kills after which the command's work was whole and there: %d; in all others nothing of it was\n", r.done)
	fmt.Fprintf(&b, "aimed, but the command had ended or the victim was not there: %d (not counted)\n\n", r.late)
	fmt.Fprintf(&b, "%-10s", "command")
	for _, v := range victims {
		fmt.Fprintf(&b, "%20s", v)
	}
	b.WriteString("\n")
	for _, command := range slices.Sorted(maps.Keys(r.by)) {
		fmt.Fprintf(&b, "%-10s", command)
		for _, v := range victims {
			fmt.Fprintf(&b, "%20d", r.by[command][v])
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "\ndifferences from the undisturbed history (all rows of all tables, all files): %d\n", len(r.failures))
	for _, f := range r.failures {
		b.WriteString("  " + f + "\n")
	}
	return b.String()
}

// earlierMark begins the part of a record that is written by hand, and stays: what earlier
// campaigns found, and how it was mended.
const earlierMark = "\nDefects found by earlier campaigns, and how they were mended\n"

// write keeps the record up to date, where one is wanted.
func (r *record) write(t *testing.T) {
	t.Helper()
	path := os.Getenv("DISBURSE_RECORD")
	if path == "" {
		return
	}
	text := r.String()
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if _, earlier, found := strings.Cut(string(old), earlierMark); found {
		text += earlierMark + earlier
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
