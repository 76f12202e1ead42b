package payrun

import (
	"cmp"
	"strings"

	"disburse/internal/policy"
)

// Sorting puts rows in the order of sheets: streets in pack order, unknown ones after
// them by their bytes, then ID number.
type Sorting struct{ Pack *policy.Pack }

// Streets compares two places on a sheet.
func (s Sorting) Streets(streetA, idA, streetB, idB string) int {
	return cmp.Or(
		cmp.Compare(s.Pack.StreetOrder(streetA), s.Pack.StreetOrder(streetB)),
		strings.Compare(streetA, streetB),
		strings.Compare(idA, idB),
	)
}

// Lines compares two lines as `lines` and the sheets have them: item, street, ID
// number, benefit month; then what makes the order certain.
func (s Sorting) Lines(a, b *Line) int {
	return cmp.Or(
		cmp.Compare(s.Pack.ItemOrder(a.Item), s.Pack.ItemOrder(b.Item)),
		s.Streets(a.Street, a.ID, b.Street, b.ID),
		cmp.Compare(a.Month, b.Month),
		cmp.Compare(a.Kind, b.Kind),
		strings.Compare(a.Payee, b.Payee),
		cmp.Compare(s.Pack.ItemOrder(a.Against), s.Pack.ItemOrder(b.Against)),
	)
}
