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

// merge puts what the row says over what is known of the person, and refuses a result
// that lacks what nobody can be without.
func (a *admission) merge(e *Entrant) {
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
	a.stillPossible(e)
	a.require(e, "姓名", a.columns.Name, e.Person.Name == "")
	a.require(e, "街道", a.columns.Street, e.Person.Street == "")
	a.require(e, "出生日期", a.columns.Birth, e.Person.Birth == 0)
}

// stillPossible refuses a corrected number, or birth date, by which somebody would have
// come, left or died before being born: the reader knows only what stands in the row.
func (a *admission) stillPossible(e *Entrant) {
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

// overlay replaces in p the columns that the file has: an absent column leaves what is
// known, an empty cell of a present one says "none".
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

// require refuses the row where a column that everybody needs came out empty.
func (a *admission) require(e *Entrant, column string, present, empty bool) {
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

// loadIdentities reads everybody who carries or once carried one of the numbers. Those of
// a record that was merged are numbers that the survivor once carried.
func loadIdentities(ctx context.Context, scope postgres.Scope, numbers []string) (*identities, error) {
	const chunk = 10_000
	// Exec: planned anew for these numbers. A plan kept from when the table was empty would
	// compare each of its rows with each of the numbers.
	rows, err := scope.Tx.Query(ctx, `SELECT person FROM person WHERE region = $1 AND id_number = ANY ($2)`,
		pgx.QueryExecModeExec, scope.Region, numbers)
	if err != nil {
		return nil, fmt.Errorf("find people by number: %w", err)
	}
	persons, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("find people by number: %w", err)
	}
	merged, former, err := mergedRows(ctx, scope, persons)
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
				return nil // what a wrong file said is nobody's number
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

// numberNewPeople gives everybody new the next surrogates, in the order of the file. It
// returns the first of them and how many there are.
func (a *admission) numberNewPeople(ctx context.Context, scope postgres.Scope) (first int64, count int, err error) {
	if err := scope.Tx.QueryRow(ctx, `SELECT next_person FROM region WHERE region = $1`, scope.Region).Scan(&first); err != nil {
		return 0, 0, fmt.Errorf("read next person: %w", err)
	}
	for i := range a.entrants {
		if e := &a.entrants[i]; e.known == nil && !e.refused {
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

// changes returns the rows that say more than is known, in the order of person
// number: rows of people who are read together should lie together.
func (a *admission) changes() []*Entrant {
	var changed []*Entrant
	for i := range a.entrants {
		if e := &a.entrants[i]; !e.refused && e.changed() {
			changed = append(changed, e)
		}
	}
	slices.SortFunc(changed, func(x, y *Entrant) int { return cmp.Compare(x.Person.Number, y.Person.Number) })
	return changed
}

// WritePeople adds a row for everybody who changed.
func WritePeople(ctx context.Context, scope postgres.Scope, changed []*Entrant) error {
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
