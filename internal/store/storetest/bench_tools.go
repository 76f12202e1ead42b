package storetest

import (
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
)

// BenchPeople is how many people the benchmarks use; the README's figures are for a million.
func BenchPeople(b *testing.B) int {
	b.Helper()
	text := os.Getenv("DISBURSE_BENCH_PEOPLE")
	if text == "" {
		return 20_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// BenchWorkbook is how many people the workbooks of benchmarks have: a district at most.
func BenchWorkbook(b *testing.B) int { return min(BenchPeople(b), 200_000) }

// ResetPeak forgets the process's peak memory so far (Linux).
func ResetPeak() {
	runtime.GC()
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
}

// PeakMB is the process's peak resident memory since resetPeak.
func PeakMB() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024
		}
	}
	return 0
}
