package reporttest

import (
	"context"
	"slices"

	"disburse/internal/payrun/explain"
)

// Letters writes to everybody who has lines.
func (s *Rows) Letters(_ context.Context, fn func(*explain.Letter) error) error {
	return Each(s.AllLetters(), fn)
}

func (s *Rows) AllLetters() []explain.Letter {
	at := map[int64]int{}
	var all []explain.Letter
	for _, it := range s.Catalogue.Pays() {
		for _, l := range s.ByItem[it.Code.Value] {
			if _, ok := at[l.Person]; !ok {
				at[l.Person] = len(all)
				all = append(all, explain.Letter{Person: l.Person, Name: l.Name, ID: l.ID, Street: l.Street, Community: l.Community, Account: l.Account})
			}
			to := &all[at[l.Person]]
			to.Lines = append(to.Lines, explain.DetailedLine{Line: l.Line, Standard: l.Standard, Reason: l.Reason})
		}
	}
	s.byStreet(all)
	return all
}

func (s *Rows) byStreet(all []explain.Letter) {
	slices.SortStableFunc(all, func(a, b explain.Letter) int { return s.Catalogue.CompareStreets(a.Street, b.Street) })
}

// Recalls asks everybody for what they owe.
func (s *Rows) Recalls(_ context.Context, fn func(*explain.Recall) error) error {
	var all []explain.Recall
	for _, d := range s.Owed {
		if n := len(all); n == 0 || all[n-1].Person != d.Person || all[n-1].Payee != d.Payee {
			all = append(all, explain.Recall{Person: d.Person, Name: d.Name, ID: d.ID, Street: d.Street, Payee: d.Payee})
		}
		r := &all[len(all)-1]
		r.Debts = append(r.Debts, explain.RecalledDebt{Debt: d.Debt, Reason: "2026-08-31 去世"})
	}
	return Each(all, fn)
}
