package reports

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"disburse/reports/reporttest"
)

// benchPeople is how many people the benchmark writes for, 200,000 at most; each has
// about two lines and is on two lists.
func benchPeople(b *testing.B) int {
	text := os.Getenv("DISBURSE_BENCH_PEOPLE")
	if text == "" {
		return 3000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatal(err)
	}
	return min(n, 200_000)
}

// BenchmarkMonthFiles writes all files of a bureau's month and, in the same run, the
// same cells with excelize's StreamWriter alone, and reports the ratio of the times.
func BenchmarkMonthFiles(b *testing.B) {
	is, src := reporttest.Batch(b, reporttest.Civil, benchPeople(b))
	dir := b.TempDir()
	var ours, theirs time.Duration
	var cells, size, plain int64
	for b.Loop() {
		start := time.Now()
		files, err := Write(b.Context(), dir, is, src, Options{FullLists: true})
		if err != nil {
			b.Fatal(err)
		}
		ours += time.Since(start)
		for _, f := range files {
			book := cellsOfFile(b, filepath.Join(dir, "2026-11", filepath.FromSlash(f.Path)))
			start := time.Now()
			path := filepath.Join(dir, "plain.xlsx")
			streamAlone(b, path, book)
			theirs += time.Since(start)
			cells += book.cells
			size += fileSize(b, filepath.Join(dir, "2026-11", filepath.FromSlash(f.Path)))
			plain += fileSize(b, path)
		}
	}
	b.ReportMetric(float64(benchPeople(b)), "people")
	b.ReportMetric(float64(ours)/float64(theirs), "of-excelize")
	b.ReportMetric(float64(cells)/ours.Seconds()/1e6, "Mcells/s")
	b.ReportMetric(float64(size)/float64(plain), "of-its-size")
}

func fileSize(b *testing.B, path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	return info.Size()
}

type sheetCells struct {
	name string
	rows [][]any
}

type bookCells struct {
	sheets []sheetCells
	cells  int64
}

// cellsOfFile reads what was written: numbers as numbers, text as text.
func cellsOfFile(b *testing.B, path string) bookCells {
	f, err := excelize.OpenFile(path, excelize.Options{RawCellValue: true})
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var book bookCells
	for _, name := range f.GetSheetList() {
		rows, err := f.GetRows(name)
		if err != nil {
			b.Fatal(err)
		}
		s := sheetCells{name: name}
		for _, row := range rows {
			values := make([]any, len(row))
			for i, cell := range row {
				values[i] = cell
				if n, err := strconv.ParseFloat(cell, 64); err == nil && len(cell) < 12 {
					values[i] = n
				}
			}
			s.rows = append(s.rows, values)
			book.cells += int64(len(row))
		}
		book.sheets = append(book.sheets, s)
	}
	return book
}

// streamAlone is the baseline: excelize's StreamWriter with its defaults.
func streamAlone(b *testing.B, path string, book bookCells) {
	f := excelize.NewFile()
	defer f.Close()
	for _, s := range book.sheets {
		if _, err := f.NewSheet(s.name); err != nil {
			b.Fatal(err)
		}
		sw, err := f.NewStreamWriter(s.name)
		if err != nil {
			b.Fatal(err)
		}
		for i, row := range s.rows {
			cell, err := excelize.CoordinatesToCellName(1, i+1)
			if err != nil {
				b.Fatal(err)
			}
			if err := sw.SetRow(cell, row); err != nil {
				b.Fatal(err)
			}
		}
		if err := sw.Flush(); err != nil {
			b.Fatal(err)
		}
	}
	if err := f.SaveAs(path); err != nil {
		b.Fatal(err)
	}
}
