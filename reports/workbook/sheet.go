package workbook

// Sheet is one sheet; its rows are written in order, from row 1.
type Sheet struct {
	*Rows    // where the next row goes
	book     *Book
	name     string
	layout   Layout
	segments []*Rows
	merged   [][2]string
	columns  int // widest row
	breaks   []int
	filter   [2]int
	chart    *Chart
}

// Reserve keeps the next n rows for later, such as a summary that is known only
// after the rows below it, and returns where to write them. Rows that are not
// written stay empty.
func (s *Sheet) Reserve(n int) *Rows {
	s.endRow()
	next := s.next
	kept := s.segment(next, next+n-1)
	s.Rows = s.segment(next+n, MaxRows)
	return kept
}

// Repeat has every page repeat the rows from first to last.
func (s *Sheet) Repeat(first, last int) { s.layout.Repeat = [2]int{first, last} }

// Merge joins the columns from first to last, counted from 1, of the row being written.
func (r *Rows) Merge(first, last int) {
	if last <= first {
		return
	}
	r.sheet.merged = append(r.sheet.merged, [2]string{cellName(first, r.next-1), cellName(last, r.next-1)})
}

func (s *Sheet) segment(next, last int) *Rows {
	rows := &Rows{sheet: s, next: next, last: last}
	s.segments = append(s.segments, rows)
	return rows
}

// finish ends all rows and waits until they are compressed.
func (s *Sheet) finish() error {
	for _, rows := range s.segments {
		rows.endRow()
		rows.cut()
	}
	for _, rows := range s.segments {
		rows.wait()
		if rows.err != nil {
			return rows.err
		}
	}
	return nil
}

// dimension is the range that holds cells. Readers that trust it see nothing beyond.
func (s *Sheet) dimension() string {
	last := 1
	for _, rows := range s.segments {
		if rows.written {
			last = rows.next - 1
		}
	}
	return "A1:" + cellName(max(s.columns, 1), last)
}
