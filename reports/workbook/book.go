package workbook

import (
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"disburse/internal/month"
)

// MaxRows is how many rows a sheet can hold in every program that opens xlsx.
const MaxRows = 1048576

// Properties are what a workbook says of itself.
type Properties struct {
	Title   string
	Subject string
	Creator string
	Date    month.Date // created and modified; never a clock, so that the same content is the same bytes
}

// Book is a workbook being written. It is for one goroutine. Close it when done,
// also after an error.
type Book struct {
	file   *excelize.File
	spool  spool
	sheets []*Sheet
	styles map[string]Style
	props  Properties
}

// New begins a workbook. What does not fit in memory goes to a nameless file in
// dir until the workbook is written.
func New(dir string, props Properties) (*Book, error) {
	b := &Book{file: excelize.NewFile(), spool: spool{dir: dir}, styles: map[string]Style{}, props: props}
	if err := b.file.SetDefaultFont(Font); err != nil {
		return nil, fmt.Errorf("set default font: %w", err)
	}
	return b, nil
}

// Sheet adds a sheet after those there are. The name is made legal by SheetName;
// a name that is already taken is an error when the workbook is written.
func (b *Book) Sheet(name string, layout Layout) *Sheet {
	s := &Sheet{book: b, name: SheetName(name), layout: layout}
	s.Rows = s.segment(1, MaxRows)
	b.sheets = append(b.sheets, s)
	return s
}

// After adds a sheet behind another one of the book, for rows that the other one
// has no room for.
func (b *Book) After(other *Sheet, name string, layout Layout) *Sheet {
	s := b.Sheet(name, layout)
	b.sheets = b.sheets[:len(b.sheets)-1]
	for i, have := range b.sheets {
		if have == other {
			b.sheets = append(b.sheets[:i+1], append([]*Sheet{s}, b.sheets[i+1:]...)...)
			return s
		}
	}
	b.sheets = append(b.sheets, s)
	return s
}

// Write writes the workbook. It fails with the first error that any row met.
func (b *Book) Write(w io.Writer) error {
	for _, s := range b.sheets {
		if err := s.finish(); err != nil {
			return fmt.Errorf("sheet %s: %w", s.name, err)
		}
	}
	parts, err := b.skeleton()
	if err != nil {
		return err
	}
	return b.assemble(w, parts)
}

// Close waits for what is still being compressed and lets go of memory and disk.
func (b *Book) Close() error {
	for _, s := range b.sheets {
		for _, rows := range s.segments {
			rows.wait()
		}
	}
	err := b.spool.close()
	if e := b.file.Close(); err == nil {
		err = e
	}
	return err
}
