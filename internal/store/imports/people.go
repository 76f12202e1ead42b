package imports

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/people"
)

// applyRow overlays the stored person with the row, and refuses a result that lacks a
// mandatory value.
func (a *resolver) applyRow(e *Candidate) {
	if e.refused {
		return
	}
	if e.known != nil {
		e.Person = e.known.person
	}
	overlay(&e.Person, &e.row.Person, a.columns)
	switch {
	case !roster.Temporary(e.Person.ID):
		e.Person.Birth = roster.BirthOf(e.Person.ID)
	case a.columns.Birth:
		e.Person.Birth = e.row.Person.Birth
	}
	a.checkDates(e)
	a.require(e, "姓名", a.columns.Name, e.Person.Name == "")
	a.require(e, "街道", a.columns.Street, e.Person.Street == "")
	a.require(e, "出生日期", a.columns.Birth, e.Person.Birth == 0)
}

// checkDates refuses a corrected number or birth date by which the person would have moved or
// died before being born. The reader cannot check that: the dates may be stored and not in
// the file.
func (a *resolver) checkDates(e *Candidate) {
	if e.known == nil || e.known.person.Birth == e.Person.Birth {
		return
	}
	for _, d := range []struct {
		what string
		date month.Date
	}{{"死亡日期", e.Person.Died}, {"迁入日期", e.Person.MovedIn}, {"迁出日期", e.Person.MovedOut}} {
		if d.date != 0 && d.date < e.Person.Birth {
			a.report(e, "身份证号", e.Person.ID, fmt.Sprintf("按它出生于 %s，晚于登记的%s %s，请核对", e.Person.Birth, d.what, d.date))
		}
	}
}

// overlay replaces in p the columns that the file has: an absent column keeps the stored
// value, an empty cell of a present column deletes it.
func overlay(p, row *roster.Person, has *roster.Columns) {
	p.ID = row.ID
	put(has.Name, &p.Name, row.Name)
	put(has.Street, &p.Street, row.Street)
	put(has.Community, &p.Community, row.Community)
	put(has.Address, &p.Address, row.Address)
	put(has.Phone, &p.Phone, row.Phone)
	put(has.MovedIn, &p.MovedIn, row.MovedIn)
	put(has.MovedOut, &p.MovedOut, row.MovedOut)
	put(has.Died, &p.Died, row.Died)
	put(has.Bank, &p.Account.Bank, row.Account.Bank)
	put(has.Number, &p.Account.Number, row.Account.Number)
	put(has.Holder, &p.Account.Holder, row.Account.Holder)
	put(has.Deputy, &p.Deputy.Name, row.Deputy.Name)
	put(has.DeputyRelation, &p.Deputy.Relation, row.Deputy.Relation)
	put(has.DeputyReason, &p.Deputy.Reason, row.Deputy.Reason)
}

func put[T any](present bool, to *T, value T) {
	if present {
		*to = value
	}
}

// require refuses the row if a mandatory column would be empty.
func (a *resolver) require(e *Candidate, column string, present, empty bool) {
	switch {
	case !empty:
	case e.known != nil:
		a.report(e, column, "", fmt.Sprintf("已登记的人不能没有%s，请填写，或去掉“%s”这一列", column, column))
	case present:
		a.report(e, column, "", fmt.Sprintf("新登记的人必须填写%s", column))
	default:
		a.report(e, column, "", fmt.Sprintf("新登记的人必须有%s，而表中没有“%s”这一列，请加上", column, column))
	}
}

// loadIdentities reads everybody who has or had one of the numbers. The numbers of merged
// records count as former numbers of the survivor.
func loadIdentities(ctx context.Context, scope postgres.Scope, numbers []string) (*identities, error) {
	const chunk = 10_000
	// QueryExecModeExec plans for these numbers. A cached plan from when the table was empty
	// would be a sequential scan that compares each row with each number.
	rows, err := scope.Tx.Query(ctx, `SELECT person FROM person WHERE region = $1 AND id_number = ANY ($2)`,
		pgx.QueryExecModeExec, scope.Region, numbers)
	if err != nil {
		return nil, fmt.Errorf("find people by number: %w", err)
	}
	persons, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("find people by number: %w", err)
	}
	merged, former, err := rowsOfMerged(ctx, scope, persons)
	if err != nil {
		return nil, err
	}
	undone, err := undoneRevisions(ctx, scope)
	if err != nil {
		return nil, err
	}
	ids := newIdentities()
	var same []roster.Person // the rows of one person
	flush := func() {
		if len(same) > 0 {
			ids.add(append(slices.Clone(former[same[0].Number]), same...))
		}
		same = same[:0]
	}
	for part := range slices.Chunk(merged.Survivors(persons), chunk) {
		err := people.EachPersonRow(ctx, scope, people.Among(part), func(p roster.Person) error {
			if len(same) > 0 && same[0].Number != p.Number {
				flush()
			}
			if undone[p.Rev] {
				return nil // numbers of an undone import belong to nobody
			}
			same = append(same, p)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read people: %w", err)
		}
		flush()
	}
	return ids, nil
}

// numberNewPeople assigns the next surrogate numbers to new people, in the order of the file.
// It returns the first of them and how many there are.
func (a *resolver) numberNewPeople(ctx context.Context, scope postgres.Scope) (first int64, count int, err error) {
	if err := scope.Tx.QueryRow(ctx, `SELECT next_person FROM region WHERE region = $1`, scope.Region).Scan(&first); err != nil {
		return 0, 0, fmt.Errorf("read next person: %w", err)
	}
	for i := range a.candidates {
		if e := &a.candidates[i]; e.known == nil && !e.refused {
			e.Person.Number = first + int64(count)
			count++
		}
	}
	if count == 0 {
		return first, 0, nil
	}
	_, err = scope.Tx.Exec(ctx, `UPDATE region SET next_person = $2 WHERE region = $1`, scope.Region, first+int64(count))
	if err != nil {
		return 0, 0, fmt.Errorf("move next person: %w", err)
	}
	return first, count, nil
}

// changes returns the rows that change anything, by person number, so that rows that are
// read together are stored together.
func (a *resolver) changes() []*Candidate {
	var changed []*Candidate
	for i := range a.candidates {
		if e := &a.candidates[i]; !e.refused && e.changed() {
			changed = append(changed, e)
		}
	}
	slices.SortFunc(changed, func(x, y *Candidate) int { return cmp.Compare(x.Person.Number, y.Person.Number) })
	return changed
}

// WritePeople inserts a row at the scope's revision for everybody who changed.
func WritePeople(ctx context.Context, scope postgres.Scope, changed []*Candidate) error {
	err := postgres.CopyRows(ctx, scope.Tx, `COPY person (region, `+people.PersonColumns+`) FROM STDIN (FORMAT binary)`, len(changed),
		func(w *postgres.RowWriter, i int) {
			p := changed[i].Person
			p.Rev = scope.Rev
			people.WritePerson(w, scope.Region, &p)
		})
	if err != nil {
		return fmt.Errorf("write people: %w", err)
	}
	return nil
}
