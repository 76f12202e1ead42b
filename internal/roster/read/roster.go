package read

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/roster/layout"
	"disburse/internal/roster/xlsx"
)

// Roster reads a roster workbook (花名册). What can be told from the file alone is judged
// here; rows it refuses are in Problems, everything else is ready to be merged. today is
// the day of reading: nobody was born, or died, after it. progress,
// which may be nil, gets the number of rows read so far.
//
// It fails with a fault that says in one sentence why the workbook as a whole cannot be
// read: not a whole .xlsx file, none of the four sheets, headings missing or doubled,
// larger than any roster. The error is ctx's where ctx ended it.
func Roster(ctx context.Context, path string, v *roster.Vocabulary, today month.Date, progress func(rows int)) (*roster.Import, error) {
	return RosterWithin(ctx, path, v, today, progress, AnyRoom)
}

// How many bytes the rows of a file may take in memory until they are taken in. A roster
// takes some 1.2 KB a person with two facts.
const (
	AnyRoom    = 4 << 30   // whoever runs a command has the machine
	UploadRoom = 220 << 20 // what somebody sends to a server that others use, and any other list
)

// RosterWithin is Read of a workbook whose rows take no more than room; it fails with
// fault.Invalid where they do.
func RosterWithin(ctx context.Context, path string, v *roster.Vocabulary, today month.Date, progress func(rows int), room int64) (*roster.Import, error) {
	limits := xlsx.DefaultLimits
	if room < AnyRoom {
		limits = xlsx.UploadLimits
	}
	book, err := xlsx.Open(path, limits)
	if err != nil {
		return nil, err
	}
	defer book.Close()
	r := newReader(ctx, book, v, progress)
	r.today, r.room = today, room
	r.imp.File = filepath.Base(path)
	digest := make(chan error, 1)
	go func() {
		var err error
		r.imp.SHA256, err = book.SHA256()
		digest <- err
	}()
	err = r.readSheets()
	if hashErr := <-digest; err == nil {
		err = hashErr
	}
	if err != nil {
		return nil, err
	}
	r.finish()
	return r.imp, nil
}

// reader carries an import while its sheets are read.
type reader struct {
	ctx      context.Context
	book     *xlsx.Book
	words    *words
	today    month.Date
	imp      *roster.Import
	progress func(rows int)
	rows     int   // read so far
	kept     int64 // bytes that they take, about
	room     int64 // that they may

	ids    *idTable
	people chunked[personEntry]
	facts  chunked[entry[roster.Fact]]
	awards chunked[entry[roster.Award]]
	payees []payeeEntry
	sheets []string // that were read; entries name them by number
	texts  texts
	dates  dateCache
}

func newReader(ctx context.Context, book *xlsx.Book, v *roster.Vocabulary, progress func(int)) *reader {
	if progress == nil {
		progress = func(int) {}
	}
	return &reader{
		ctx: ctx, book: book, words: newWords(v), imp: &roster.Import{Strange: map[string]bool{}}, progress: progress,
		room: UploadRoom, ids: newIDTable(), texts: texts{}, dates: newDateCache(),
	}
}

// problemWeight is what a refused cell or a warning takes, in bytes.
const problemWeight = 450

// bounded complains of more rows, texts or complaints than there is room for.
func (r *reader) bounded() error {
	if r.kept+problemWeight*int64(len(r.imp.Problems)+len(r.imp.Warnings)) <= r.room {
		return nil
	}
	return fault.New(fault.Invalid, "文件“%s”里的行太多（读到第 %d 行，其中有问题的 %d 处），一次读不下，什么都没有改动；请分成几个文件再导入",
		r.imp.File, r.rows, len(r.imp.Problems))
}

// warnUnread says what of the workbook is passed over unseen.
func (r *reader) warnUnread() {
	for _, u := range r.book.Unread() {
		r.imp.Warnings = append(r.imp.Warnings, roster.Problem{Place: roster.Place{Sheet: u.Sheet}, Reason: u.Reason})
	}
}

// rowReader takes in the rows of one kind of sheet.
type rowReader func(rec *record)

// readSheets reads the sheets kind by kind, each with its continuations in order.
func (r *reader) readSheets() error {
	r.warnUnread()
	parts, err := r.sortSheets()
	if err != nil {
		return err
	}
	readers := map[*layout.Sheet]rowReader{
		&layout.People: r.readPerson, &layout.Facts: r.readFact,
		&layout.Awards: r.readAward, &layout.Payees: r.readPayee,
	}
	found := false
	for _, l := range layout.Sheets {
		var first *Headings
		for _, sheet := range parts[l] {
			h, err := r.readSheet(l, sheet, readers[l])
			if err != nil {
				return err
			}
			if h == nil {
				continue
			}
			if first != nil && !first.sameColumns(h) {
				return fault.New(fault.Invalid, "工作表“%s”与“%s”的列不一致，续表的标题应与前表相同", sheet.Name, first.sheet)
			}
			first, found = h, true
		}
		r.setColumns(l, first)
	}
	if !found {
		return r.noSheets()
	}
	return nil
}

// readSheet reads one sheet. It returns nil headings for a sheet without any content.
func (r *reader) readSheet(l *layout.Sheet, sheet xlsx.Sheet, read rowReader) (*Headings, error) {
	rec := &record{reader: r, sheet: len(r.sheets)}
	r.sheets = append(r.sheets, sheet.Name)
	found := func(h *Headings) error {
		r.imp.Warnings = append(r.imp.Warnings, h.unknown()...)
		rec.headings = h
		return nil
	}
	return r.scanSheet(l, sheet, found, func(row xlsx.Row) error {
		if rec.take(row) && !rec.example() {
			read(rec)
		}
		return nil
	})
}

// sortSheets finds the workbook's sheets of each kind. Others are reported.
func (r *reader) sortSheets() (map[*layout.Sheet][]xlsx.Sheet, error) {
	parts := map[*layout.Sheet][]xlsx.Sheet{}
	place := map[string]int{}
	for _, sheet := range r.book.Sheets {
		l, n := layout.Of(sheet.Name)
		if l == nil {
			if sheet.Name != layout.HelpSheet && sheet.Name != layout.ChoicesSheet {
				r.imp.Warnings = append(r.imp.Warnings, roster.Problem{Place: roster.Place{Sheet: sheet.Name},
					Reason: "不认识的工作表，没有读入；要导入的工作表应名为 人员、情况、核定金额、收款单位"})
			}
			continue
		}
		key := fmt.Sprint(l.Name, n)
		if _, twice := place[key]; twice {
			return nil, fault.New(fault.Invalid, "工作簿“%s”里有两个名为“%s”的工作表，请删去一个", r.imp.File, sheet.Name)
		}
		place[key] = n
		parts[l] = append(parts[l], sheet)
	}
	for _, sheets := range parts {
		slices.SortFunc(sheets, func(a, b xlsx.Sheet) int {
			_, m := layout.Of(a.Name)
			_, n := layout.Of(b.Name)
			return cmp.Compare(m, n)
		})
	}
	return parts, nil
}

func (r *reader) noSheets() error {
	for _, sheet := range r.book.Sheets {
		if l, _ := layout.Of(sheet.Name); l != nil {
			return fault.New(fault.Invalid, "工作簿“%s”的工作表“%s”里没有内容", r.imp.File, sheet.Name)
		}
	}
	return fault.New(fault.Invalid, "工作簿“%s”里没有花名册的工作表，至少要有“人员”“情况”“核定金额”“收款单位”之一", r.imp.File)
}

// setColumns notes which columns of 人员 and 收款单位 there are.
func (r *reader) setColumns(l *layout.Sheet, h *Headings) {
	if h == nil {
		return
	}
	has, c := h.has, &r.imp.Columns
	switch l {
	case &layout.People:
		c.Name, c.Street, c.Community, c.Address, c.Phone = has[layout.ColName], has[layout.ColStreet], has[layout.ColCommunity], has[layout.ColAddress], has[layout.ColPhone]
		c.MovedIn, c.MovedOut, c.Died, c.Birth = has[layout.ColMovedIn], has[layout.ColMovedOut], has[layout.ColDied], has[layout.ColBirth]
		c.Bank, c.Number, c.Holder = has[layout.ColBank], has[layout.ColAccount], has[layout.ColHolder]
		c.Deputy, c.DeputyRelation, c.DeputyReason = has[layout.ColDeputy], has[layout.ColDeputyRelation], has[layout.ColDeputyReason]
	case &layout.Payees:
		c.PayeeBank, c.PayeeNumber, c.PayeeHolder = has[layout.ColPayeeBank], has[layout.ColPayeeAccount], has[layout.ColPayeeHolder]
	}
}

// finish judges what needs the whole file: doubled people, histories, the order of problems.
func (r *reader) finish() {
	r.finishPeople()
	r.finishFacts()
	r.finishAwards()
	r.finishPayees()
	order := map[string]int{}
	for i, sheet := range r.book.Sheets {
		order[sheet.Name] = i
	}
	byPlace := func(a, b roster.Problem) int {
		return cmp.Or(cmp.Compare(order[a.Place.Sheet], order[b.Place.Sheet]), cmp.Compare(a.Place.Row, b.Place.Row))
	}
	slices.SortStableFunc(r.imp.Problems, byPlace)
	slices.SortStableFunc(r.imp.Warnings, byPlace)
}
