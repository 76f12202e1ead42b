package population

import (
	"fmt"

	"disburse/internal/roster"
	"disburse/internal/roster/write"
)

// WriteRoster writes the first roster as a workbook, with the pack's vocabulary.
// progress, which may be nil, hears of how many people are written. It fails where
// the file cannot be written, and leaves nothing behind then.
func (p *Population) WriteRoster(path string, v *roster.Vocabulary, progress func(people int)) error {
	w, err := write.NewRoster(path, v)
	if err != nil {
		return fmt.Errorf("start roster: %w", err)
	}
	if err := p.writeAll(w, progress); err != nil {
		w.Discard() // the error that led here says more
		return fmt.Errorf("write roster: %w", err)
	}
	return w.Close()
}

func (p *Population) writeAll(w *write.Roster, progress func(int)) error {
	for i := range payees {
		if err := w.Payee(&payees[i]); err != nil {
			return err
		}
	}
	const step = 1000
	n := 0
	return p.Each(func(d *roster.Dossier) error {
		if n++; progress != nil && (n%step == 0 || n == p.o.People) {
			progress(n)
		}
		return w.Person(d)
	})
}

// WriteChanges writes what Changes returned as a roster workbook that holds only that. It
// fails with fault.Refused where the file cannot be written, and leaves nothing behind then.
func WriteChanges(path string, c *roster.Import) error {
	return write.Import(path, "花名册变更", c)
}

// The sheets of a workbook of changes.
const (
	sheetPeople = "人员"
	sheetFacts  = "情况"
	sheetAwards = "核定金额"
)
