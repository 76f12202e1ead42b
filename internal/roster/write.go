package roster

import "fmt"

// Writer writes a roster workbook, person by person, in the shape that Read reads:
// what it writes says exactly what it was given. Dates and months are ISO text, which
// neither a program's calendar nor its language can change; so are amounts. Text that
// begins like a formula gets an apostrophe in front, which Read takes off again.
//
// The same calls give the same bytes. Nothing is found under the path before Close.
type Writer struct {
	path string
	book *book

	people, facts, awards, payees *streamed
}

// NewWriter starts a roster workbook at path. Close or Discard must follow.
func NewWriter(path string, v *Vocabulary) (*Writer, error) {
	return newWriter(path, v, fullSheet)
}

func newWriter(path string, v *Vocabulary, limit int) (*Writer, error) {
	b, err := newBook(v.Title+"花名册", limit)
	if err != nil {
		return nil, err
	}
	w := &Writer{path: path, book: b}
	return w, w.begin(true)
}

// begin starts the sheets.
func (w *Writer) begin(payees bool) error {
	for _, s := range []struct {
		sheet  **streamed
		layout *layout
	}{{&w.people, &peopleLayout}, {&w.facts, &factsLayout}, {&w.awards, &awardsLayout}, {&w.payees, &payeesLayout}} {
		if s.layout == &payeesLayout && !payees {
			continue
		}
		var err error
		if *s.sheet, err = w.book.sheet(s.layout.sheet, headingsOf(s.layout)); err != nil {
			w.book.close()
			return err
		}
	}
	return nil
}

// WriteImport writes what an import says as a roster workbook that says the same, also what
// Writer has no words for: former numbers, and histories without their person. Errors as
// those of Close.
func WriteImport(path, title string, in *Import) error {
	b, err := newBook(title, fullSheet)
	if err != nil {
		return err
	}
	w := &Writer{path: path, book: b}
	if err := w.begin(len(in.Payees) > 0); err != nil {
		return err
	}
	if err := w.rows(in); err != nil {
		w.Discard() // the error that led here says more
		return fmt.Errorf("write roster: %w", err)
	}
	return w.Close()
}

func (w *Writer) rows(in *Import) error {
	for i := range in.People {
		if err := w.person(&in.People[i].Person, in.People[i].Former); err != nil {
			return err
		}
	}
	for _, h := range in.Facts {
		facts := h.Facts
		if len(facts) == 0 {
			facts = []Fact{{Name: h.Fact}} // never held
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
			awards = []Award{{Item: h.Item}} // none
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
func (w *Writer) Person(d *Dossier) error {
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

func (w *Writer) person(p *Person, former string) error {
	birth := ""
	if Temporary(p.ID) {
		birth = p.Birth.String()
	}
	var values [personColumns]string
	values[colName], values[colID], values[colBirth] = p.Name, p.ID, birth
	values[colFormer] = former
	values[colStreet], values[colCommunity], values[colAddress], values[colPhone] = p.Street, p.Community, p.Address, p.Phone
	values[colMovedIn], values[colMovedOut], values[colDied] = p.MovedIn.String(), p.MovedOut.String(), p.Died.String()
	values[colBank], values[colAccount], values[colHolder] = p.Account.Bank, p.Account.Number, p.Account.Holder
	values[colDeputy], values[colDeputyRelation], values[colDeputyReason] = p.Deputy.Name, p.Deputy.Relation, p.Deputy.Reason
	return w.people.texts(values[:]...)
}

func (w *Writer) fact(id string, f *Fact) error {
	value := f.Value
	if value == "" {
		value = wordNone
	}
	return w.facts.texts(id, f.Name, value, f.Since.String(), f.Until.String(), f.Basis)
}

func (w *Writer) award(id string, a *Award) error {
	return w.awards.texts(id, a.Item, a.Amount.String(), a.First.String(), a.Last.String(), a.Payee, a.Basis)
}

// Payee writes an institution or bureau that is paid instead of a person.
func (w *Writer) Payee(p *Payee) error {
	return w.payees.texts(p.Name, p.Account.Bank, p.Account.Number, p.Account.Holder)
}

// Close finishes the workbook and gives it its name, with mode 0600. It fails with
// fault.Refused where it cannot be written; nothing is left behind then.
func (w *Writer) Close() error {
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
func (w *Writer) Discard() error {
	if err := w.book.close(); err != nil {
		return fmt.Errorf("discard roster: %w", err)
	}
	return nil
}
