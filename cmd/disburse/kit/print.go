package kit

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"

	"golang.org/x/text/width"

	"disburse/reports/workbook"
)

// Column is a column of printed rows: its name for programs, its heading for people.
type Column struct {
	name, heading string
	right         bool // numbers
}

// TextColumn is a column of words.
func TextColumn(name, heading string) Column { return Column{name: name, heading: heading} }

// NumberColumn is a column of amounts or counts, set to the right.
func NumberColumn(name, heading string) Column {
	return Column{name: name, heading: heading, right: true}
}

// PrintRows writes rows in the format of --format to standard output.
func (a *App) PrintRows(columns []Column, rows [][]string) error {
	switch a.Format {
	case "csv":
		return a.PrintCSV(columns, rows)
	case "json":
		return a.printJSON(columns, rows)
	}
	return a.PrintTable(columns, rows)
}

// Remark writes a sentence beside a table; where a program reads the output, to
// standard error, so that the output is csv or json and nothing else.
func (a *App) Remark(format string, args ...any) {
	if a.Format == "csv" || a.Format == "json" {
		a.Tell(fmt.Sprintf(format, args...))
		return
	}
	a.Printf(format+"\n", args...)
}

// PrintCSV is the one writer of csv. A spreadsheet opens it, so text is neutralised as in
// the workbooks; numbers stay numbers.
func (t *Terminal) PrintCSV(columns []Column, rows [][]string) error {
	w := csv.NewWriter(t.Stdout)
	record := make([]string, len(columns))
	for i, c := range columns {
		record[i] = c.name
	}
	if err := w.Write(record); err != nil {
		return err
	}
	for _, row := range rows {
		for i, s := range row {
			record[i] = csvCell(columns[i], s)
		}
		if err := w.Write(record); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// plainNumber is what amounts and counts look like.
var plainNumber = regexp.MustCompile(`^-?[0-9][0-9,]*(\.[0-9]+)?$`)

func csvCell(c Column, s string) string {
	switch {
	case c.right && plainNumber.MatchString(s):
		return s
	case strings.HasPrefix(s, "\t"), strings.HasPrefix(s, "\r"):
		return "'" + s // programs pass over these and look at what follows
	}
	return workbook.Neutral(s)
}

// printJSON writes an array of objects, keys in the order of columns.
func (t *Terminal) printJSON(columns []Column, rows [][]string) error {
	var b strings.Builder
	b.WriteString("[")
	for i, row := range rows {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n  {")
		for k, c := range columns {
			if k > 0 {
				b.WriteString(", ")
			}
			value, err := json.Marshal(row[k])
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "%q: %s", c.name, value)
		}
		b.WriteString("}")
	}
	if len(rows) > 0 {
		b.WriteString("\n")
	}
	b.WriteString("]\n")
	_, err := io.WriteString(t.Stdout, b.String())
	return err
}

// PrintTable writes rows for people, under their headings.
func (t *Terminal) PrintTable(columns []Column, rows [][]string) error {
	widths := make([]int, len(columns))
	for i, c := range columns {
		widths[i] = cells(c.heading)
	}
	for _, row := range rows {
		for i, s := range row {
			widths[i] = max(widths[i], cells(s))
		}
	}
	var b strings.Builder
	head := make([]string, len(columns))
	for i, c := range columns {
		head[i] = c.heading
	}
	for _, row := range append([][]string{head}, rows...) {
		for i, s := range row {
			pad := strings.Repeat(" ", widths[i]-cells(s))
			switch {
			case columns[i].right:
				b.WriteString(pad + s)
			case i < len(row)-1:
				b.WriteString(s + pad)
			default:
				b.WriteString(s)
			}
			if i < len(row)-1 {
				b.WriteString("  ")
			}
		}
		b.WriteString("\n")
	}
	_, err := io.WriteString(t.Stdout, b.String())
	return err
}

// cells is how many columns of a terminal a text takes: Chinese takes two each.
func cells(s string) int {
	n := 0
	for _, r := range s {
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}

// Progress shows how far long work is: a bar on a terminal, plain lines otherwise.
type Progress struct {
	what string
	to   io.Writer
	tty  bool
	last int64
}

// Progress begins to show how far something is.
func (t *Terminal) Progress(what string) *Progress {
	return &Progress{what: what, to: t.Stderr, tty: isTerminal(t.Stderr), last: -1}
}

// Show says that done of total are done. total 0: it is not known.
func (p *Progress) Show(done, total int64) {
	if total <= 0 {
		if p.tty || done/50_000 > p.last {
			p.last = done / 50_000
			p.line(fmt.Sprintf("%s %d", p.what, done))
		}
		return
	}
	percent := min(max(done*100/total, 0), 100) // what is counted may be more than was thought
	if percent == p.last || (!p.tty && percent/25 == p.last/25 && p.last >= 0) {
		return
	}
	p.last = percent
	const full = 30
	filled := int(percent) * full / 100
	p.line(fmt.Sprintf("%s [%s%s] %3d%%  %d/%d", p.what, strings.Repeat("█", filled), strings.Repeat("░", full-filled), percent, done, total))
}

func (p *Progress) line(s string) {
	if p.tty {
		_, _ = fmt.Fprintf(p.to, "\r\x1b[K%s", s)
		return
	}
	_, _ = fmt.Fprintln(p.to, s)
}

// End leaves the bar's line.
func (p *Progress) End() {
	if p.tty && p.last >= 0 {
		_, _ = fmt.Fprint(p.to, "\r\x1b[K")
	}
}
