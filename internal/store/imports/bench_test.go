package imports_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/policy"
	madeup "disburse/internal/population"
	"disburse/internal/postgres/pgtest"
	"disburse/internal/roster"
	"disburse/internal/roster/read"
	"disburse/internal/store/imports"
	"disburse/internal/store/storetest"
)

// BenchmarkImport reads a believable roster workbook and merges it into an empty
// database, and prints how long that takes against excelize merely reading every cell of
// the same file, measured in the same run.
func BenchmarkImport(b *testing.B) {
	people := storetest.BenchWorkbook(b)
	path, words := writeBenchRoster(b, people)
	warm(b, path)
	for b.Loop() {
		storetest.ResetPeak()
		took := importBenchRoster(b, path, words, people)
		peak := storetest.PeakMB()
		storetest.ResetPeak()
		start := time.Now()
		cells := readWithExcelize(b, path)
		alone := time.Since(start)
		b.ReportMetric(took.Seconds()/alone.Seconds(), "import/excelize")
		b.ReportMetric(took.Seconds(), "import-s")
		b.ReportMetric(alone.Seconds(), "excelize-s")
		b.ReportMetric(peak, "peak-MB")
		b.ReportMetric(storetest.PeakMB(), "excelize-peak-MB")
		b.ReportMetric(float64(cells), "cells")
		b.ReportMetric(float64(people), "people")
	}
}

func writeBenchRoster(b *testing.B, people int) (path string, words *roster.Vocabulary) {
	pack, err := policy.Load(policy.Builtin())
	if err != nil {
		b.Fatal(err)
	}
	p, err := madeup.Generate(madeup.Options{People: people, Seed: 1, Month: month.Of(2026, 11)})
	if err != nil {
		b.Fatal(err)
	}
	path, words = filepath.Join(b.TempDir(), "花名册.xlsx"), pack.Vocabulary()
	if err := p.WriteRoster(path, words, nil); err != nil {
		b.Fatal(err)
	}
	return path, words
}

// warm reads the file once, so that neither side waits for the disk.
func warm(b *testing.B, path string) {
	if _, err := os.ReadFile(path); err != nil {
		b.Fatal(err)
	}
}

// importBenchRoster times the whole import: reading the workbook and merging it.
func importBenchRoster(b *testing.B, path string, words *roster.Vocabulary, people int) time.Duration {
	db := pgtest.Open(b)
	if err := db.EnsureRegion(b.Context(), storetest.Pingcheng, "平城区"); err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	in, err := read.Roster(b.Context(), path, words, storetest.Day(2026, 11, 20), nil)
	if err != nil {
		b.Fatal(err)
	}
	report, err := imports.ImportRoster(b.Context(), db, storetest.Pingcheng, in, journal.By{Actor: "bench", Origin: "bench", At: start}, false, nil)
	if err != nil {
		b.Fatal(err)
	}
	took := time.Since(start)
	if report.NewPeople != people || report.Refused > 0 {
		b.Fatalf("report %+v", report)
	}
	return took
}

// readWithExcelize reads every cell of every sheet and returns how many there were.
func readWithExcelize(b *testing.B, path string) (cells int) {
	f, err := excelize.OpenFile(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	for _, sheet := range f.GetSheetList() {
		rows, err := f.Rows(sheet)
		if err != nil {
			b.Fatal(err)
		}
		for rows.Next() {
			row, err := rows.Columns()
			if err != nil {
				b.Fatal(err)
			}
			cells += len(row)
		}
		if err := rows.Close(); err != nil {
			b.Fatal(err)
		}
	}
	return cells
}
