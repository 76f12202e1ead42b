package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

const recordPath = "docs/evidence.json"

// record is what was measured last of each benchmark, by its name.
type record map[string]result

// result is one benchmark's runs, all of one commit on one machine.
type result struct {
	Package string `json:"package"` // import path
	Command string `json:"command"` // repeats the measurement
	origin
	Source  string               `json:"source"`  // SHA-256 of the benchmark's source, see sourceHash
	Metrics map[string][]float64 `json:"metrics"` // by unit, a value a run, in the order of the runs
}

// origin says where and when something was measured.
type origin struct {
	Date    string `json:"date"`
	Commit  string `json:"commit"`
	Machine string `json:"machine"`
}

// readRecord reads the record; none yet is an empty one.
func readRecord(path string) (record, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return record{}, nil
	}
	if err != nil {
		return nil, err
	}
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// take puts what was measured anew in the place of what is kept of the same benchmarks.
func (r record) take(measured record) record {
	for name, result := range measured {
		r[name] = result
	}
	return r
}

func (r record) write(path string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

// staleness holds the names of the benchmarks whose source is not the one measured.
type staleness map[string]bool

// stale finds the benchmarks that changed, or went, since they were measured: their
// figures no longer say what the benchmark of today would.
func (r record) stale(root string) (staleness, error) {
	out := staleness{}
	for name, result := range r {
		now, err := sourceHash(root, result.Package, name)
		if err != nil {
			return nil, err
		}
		out[name] = now != result.Source
	}
	return out, nil
}
