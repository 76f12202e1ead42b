package write

import (
	"fmt"

	"disburse/internal/roster"
	"disburse/internal/roster/layout"
)

// Roster writes a roster workbook, person by person, in the shape that Read reads:
// what it writes says exactly what it was given. Dates and months are ISO text, which
// neither a program's calendar nor its language can change; so are amounts. Text that
// begins like a formula gets an apostrophe in front, which Read takes off again.
//
// The same calls give the same bytes. Nothing is found under the path before Close.
type Roster struct {
	path string
	book *book

	people, facts, awards, payees *streamed
}

// NewRoster starts a roster workbook at path. Close or Discard must follow.
func NewRoster(path string, v *roster.Vocabulary) (*Roster, error) {
	return newRoster(path, v, fullSheet)
}

func newRoster(path string, v *roster.Vocabulary, limit int) (*Roster, error) {
	b, err := newBook(v.Title+"花名册", limit)
	if err != nil {
		return nil, err
	}
	w := &Roster{path: path, book: b}
	return w, w.begin(true)
}

// begin starts the sheets.
func (w *Roster) begin(payees bool) error {
	for _, s := range []struct {
		sheet  **streamed
		layout *layout.Sheet
	}{{&w.people, &layout.People}, {&w.facts, &layout.Facts}, {&w.awards, &layout.Awards}, {&w.payees, &layout.Payees}} {
		if s.layout == &layout.Payees && !payees {
			continue
		}
		var err error
		if *s.sheet, err = w.book.sheet(s.layout.Name, headingsOf(s.layout)); err != nil {
			w.book.close()
			return err
		}
	}
	return nil
}

// Import writes what an import says as a roster workbook that says the same, also what
// Writer has no words for: former numbers, and histories without their person. Errors as
// those of Close.
func Import(path, title string, in *roster.Import) error {
	b, err := newBook(title, fullSheet)
	if err != nil {
		return err
	}
	w := &Roster{path: path, book: b}
	if err := w.begin(len(in.Payees) > 0); err != nil {
		return err
	}
	if err := w.rows(in); err != nil {
		w.Discard() // the error that led here says more
		return fmt.Errorf("write roster: %w", err)
	}
	return w.Close()
}

func (w *Roster) rows(in *roster.Import) error {
	for i := range in.People {
		if err := w.person(&in.People[i].Person, in.People[i].Former); err != nil {
			return err
		}
	}
	for _, h := range in.Facts {
		facts := h.Facts
		if len(facts) == 0 {
			facts = []roster.Fact{{Name: h.Fact}} // never held
		}
		for i := range facts {
			if err := w.fact(h.ID, &facts[i]); err != nil {
				return err
			}
		}
	}
	for _, h := range in.Awards {
		awards := h.Awards
		if len(awards) == 0 {
			awards = []roster.Award{{Item: h.Item}} // none
		}
		for i := range awards {
			if err := w.award(h.ID, &awards[i]); err != nil {
				return err
			}
		}
	}
	for i := range in.Payees {
		if err := w.Payee(&in.Payees[i].Payee); err != nil {
			return err
		}
	}
	return nil
}

// Person writes a person with all facts and 核定金额. A fact without value is written as
// 无, an award of 0 as 0: known never to have been.
func (w *Roster) Person(d *roster.Dossier) error {
	if err := w.person(&d.Person, ""); err != nil {
		return err
	}
	if err := w.facts.room(len(d.Facts)); err != nil {
		return err
	}
	for i := range d.Facts {
		if err := w.fact(d.ID, &d.Facts[i]); err != nil {
			return err
		}
	}
	if err := w.awards.room(len(d.Awards)); err != nil {
		return err
	}
	for i := range d.Awards {
		if err := w.award(d.ID, &d.Awards[i]); err != nil {
			return err
		}
	}
	return nil
}

func (w *Roster) person(p *roster.Person, former string) error {
	birth := ""
	if roster.Temporary(p.ID) {
		birth = p.Birth.String()
	}
	var values [layout.PersonColumns]string
	values[layout.ColName], values[layout.ColID], values[layout.ColBirth] = p.Name, p.ID, birth
	values[layout.ColFormer] = former
	values[layout.ColStreet], values[layout.ColCommunity], values[layout.ColAddress], values[layout.ColPhone] = p.Street, p.Community, p.Address, p.Phone
	values[layout.ColMovedIn], values[layout.ColMovedOut], values[layout.ColDied] = p.MovedIn.String(), p.MovedOut.String(), p.Died.String()
	values[layout.ColBank], values[layout.ColAccount], values[layout.ColHolder] = p.Account.Bank, p.Account.Number, p.Account.Holder
	values[layout.ColDeputy], values[layout.ColDeputyRelation], values[layout.ColDeputyReason] = p.Deputy.Name, p.Deputy.Relation, p.Deputy.Reason
	return w.people.texts(values[:]...)
}

func (w *Roster) fact(id string, f *roster.Fact) error {
	value := f.Value
	if value == "" {
		value = layout.None
	}
	return w.facts.texts(id, f.Name, value, f.Since.String(), f.Until.String(), f.Basis)
}

func (w *Roster) award(id string, a *roster.Award) error {
	return w.awards.texts(id, a.Item, a.Amount.String(), a.First.String(), a.Last.String(), a.Payee, a.Basis)
}

// Payee writes an institution or bureau that is paid instead of a person.
func (w *Roster) Payee(p *roster.Payee) error {
	return w.payees.texts(p.Name, p.Account.Bank, p.Account.Number, p.Account.Holder)
}

// Close finishes the workbook and gives it its name, with mode 0600. It fails with
// fault.Refused where it cannot be written; nothing is left behind then.
func (w *Roster) Close() error {
	defer w.book.close()
	for _, s := range []*streamed{w.people, w.facts, w.awards, w.payees} {
		if s == nil {
			continue
		}
		if err := s.end(); err != nil {
			return fmt.Errorf("write roster: %w", err)
		}
	}
	return w.book.save(w.path)
}

// Discard gives the workbook up: nothing is written.
func (w *Roster) Discard() error {
	if err := w.book.close(); err != nil {
		return fmt.Errorf("discard roster: %w", err)
	}
	return nil
}
