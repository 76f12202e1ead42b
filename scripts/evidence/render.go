package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// chosenFigures is the table that comes first. What is stale says so in the place of a claim.
func chosenFigures(r record, stale staleness) string {
	var t strings.Builder
	t.WriteString("| what | median (range) | aim | people | measured |\n|---|---|---|---|---|\n")
	for _, f := range figures {
		result, known := r[f.benchmark]
		values := result.Metrics[f.unit]
		if !known || len(values) < minRuns {
			fmt.Fprintf(&t, "| %s | not measured | %s | | |\n", f.what, f.aim)
			continue
		}
		fmt.Fprintf(&t, "| %s | %s | %s | %s | %s%s |\n", f.what, spread(values), f.aim, people(result), result.Date, mark(stale[f.benchmark]))
	}
	return t.String()
}

// allFigures is the chosen ones, then all that the benchmarks printed, a section each, with
// what repeats it.
func allFigures(r record, stale staleness) string {
	var t strings.Builder
	t.WriteString(chosenFigures(r, stale) + "\n")
	for _, name := range slices.Sorted(maps.Keys(r)) {
		result := r[name]
		fmt.Fprintf(&t, "### %s%s\n\n`%s`, %s, commit %s, on %s. In `%s`.\n\n| unit | median (range) | runs |\n|---|---|---|\n",
			name, mark(stale[name]), result.Command, result.Date, result.Commit, result.Machine, strings.TrimPrefix(result.Package, module))
		for _, unit := range slices.Sorted(maps.Keys(result.Metrics)) {
			values := result.Metrics[unit]
			fmt.Fprintf(&t, "| %s | %s | %d |\n", unit, spread(values), len(values))
		}
		t.WriteString("\n")
	}
	return t.String()
}

func mark(stale bool) string {
	if stale {
		return " (stale: the benchmark changed since)"
	}
	return ""
}

// people is how many people the benchmark had, where it says so.
func people(r result) string {
	values := r.Metrics["people"]
	if len(values) == 0 {
		return ""
	}
	text := strconv.FormatFloat(values[0], 'f', 0, 64)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// spread is the median and the range of the runs.
func spread(values []float64) string {
	sorted := slices.Sorted(slices.Values(values))
	low, high := sorted[0], sorted[len(sorted)-1]
	median := sorted[len(sorted)/2]
	if len(sorted)%2 == 0 {
		median = (sorted[len(sorted)/2-1] + median) / 2
	}
	if low == high {
		return short(median)
	}
	return fmt.Sprintf("%s (%s–%s)", short(median), short(low), short(high))
}

// short keeps two decimals of what is small and none of what is large.
func short(v float64) string {
	switch {
	case v == float64(int64(v)) || v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	default:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
}
