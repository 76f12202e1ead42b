package rosters

import (
	"cmp"
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/roster"
	"disburse/internal/roster/read"
	"disburse/internal/roster/write"
	"disburse/internal/store/imports"
	"disburse/internal/store/people"
)

// readRoster reads the workbook of an order: what was sent to a server within the room
// that one person may take there.
func readRoster(ctx context.Context, o *office.Office, x *Order) (*roster.Import, error) {
	room := int64(read.AnyRoom)
	if x.SentIn {
		room = read.UploadRoom
		defer office.SaveMemory()()
	}
	return read.RosterWithin(ctx, x.File, o.Pack.Vocabulary(), cmp.Or(x.Today, office.Today(x.By)), rows(x.Rows), room)
}

// Template writes an empty roster workbook (空白花名册).
func Template(o *office.Office, file string) error {
	return office.SaveTemplate(file, func(w io.Writer) error { return write.Template(w, o.Pack.Vocabulary()) })
}

// Order asks for a roster workbook to be taken in.
type Order struct {
	File   string
	DryRun bool       // do the work and roll it back
	Errors string     // a workbook for the rows that were refused; empty: none
	SentIn bool       // it came to a server that others use: the room it may take is limited
	Today  month.Date // after which no fact may begin; 0: the day of By
	By     journal.By
	Rows   func(rows int)    // told while reading; may be nil
	Tell   func(what string) // told in Chinese what is being done; may be nil
}

// Imported is what became of a roster.
type Imported struct {
	*roster.Report
	Refused string // the workbook with the refused rows, where one was written
}

// Import takes in a roster (花名册). It fails with fault.Invalid when not one row
// could be taken; the report is there then, too, and says why.
func Import(ctx context.Context, o *office.Office, x *Order) (*Imported, error) {
	if err := replaceableErrors(x.Errors); err != nil {
		return nil, err
	}
	in, err := readRoster(ctx, o, x)
	if err != nil {
		return nil, err
	}
	report, err := imports.ImportRoster(ctx, o.DB, o.Region, in, x.By, x.DryRun, x.Tell)
	if err != nil {
		return nil, err
	}
	done := &Imported{Report: report}
	if done.Refused, err = refusedRows(ctx, o, x.Errors, x.File, "花名册退回的行", report.Problems, x.By); err != nil {
		return done, err
	}
	if len(report.Problems) > 0 && accepted(report) == 0 {
		return done, nothingTaken(x.File)
	}
	return done, nil
}

// rows is a callback that may be called.
func rows(told func(int)) func(int) {
	if told == nil {
		return func(int) {}
	}
	return told
}

// replaceableErrors is replaceable for the workbook of refused rows; empty: none is wanted.
func replaceableErrors(file string) error {
	if file == "" {
		return nil
	}
	return office.Replaceable(file, office.TitleEnds("导入错误"))
}

// refusedRows writes the refused rows into a workbook that can be corrected and taken in,
// and returns its path; empty: none was written.
func refusedRows(ctx context.Context, o *office.Office, errors, file, what string, problems []roster.Problem, by journal.By) (string, error) {
	if errors == "" || len(problems) == 0 {
		return "", nil
	}
	if err := o.LogAccess(ctx, by, journal.Exported, what, 0, filepath.Base(errors)); err != nil {
		return "", err
	}
	if err := write.Errors(errors, file, problems); err != nil {
		return "", err
	}
	return errors, nil
}

func nothingTaken(file string) error {
	return fault.New(fault.Invalid, "“%s”里没有一行可以导入，什么都没有改动；原因见上", file)
}

// accepted counts the rows that were good, whether or not they said anything new.
func accepted(r *roster.Report) int {
	return r.NewPeople + r.ChangedPeople + r.ChangedFacts + r.ChangedAwards + r.ChangedPayees + r.Waiting + r.Unchanged
}

// Export writes the whole roster as it is known now, and returns how many people
// there are. told, which may be nil, is told how many are written.
func Export(ctx context.Context, o *office.Office, file string, by journal.By, told func(people int)) (int, error) {
	if err := errors.Join(office.PlaceFor(file), office.Replaceable(file, office.TitleEnds("花名册"))); err != nil {
		return 0, err
	}
	w, err := write.NewRoster(file, o.Pack.Vocabulary())
	if err != nil {
		return 0, err
	}
	defer w.Discard()
	count, show := 0, rows(told)
	err = people.EachDossier(ctx, o.DB, o.Region, 0, func(d *roster.Dossier) error {
		count++
		show(count)
		return w.Person(d)
	})
	if err != nil {
		return 0, err
	}
	payees, err := imports.Payees(ctx, o.DB, o.Region, 0)
	if err != nil {
		return 0, err
	}
	for _, name := range sortedNames(payees) {
		p := payees[name]
		if err := w.Payee(&p); err != nil {
			return 0, err
		}
	}
	// Only Close makes the file: what failed before has handed out nothing.
	if err := o.LogAccess(ctx, by, journal.Exported, "花名册", 0, filepath.Base(file)); err != nil {
		return 0, err
	}
	return count, w.Close()
}

func sortedNames[V any](m map[string]V) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// UndoImport makes known again what was known before an import (撤销导入), for By.Reason.
func UndoImport(ctx context.Context, o *office.Office, rev int64, dryRun bool, by journal.By) (*imports.UndoReport, error) {
	return imports.UndoImport(ctx, o.DB, imports.UndoOrder{Region: o.Region, Rev: rev, User: office.User(by), By: by, DryRun: dryRun})
}
