package judge

import (
	"testing"

	"disburse/internal/month"
	"disburse/internal/roster"
)

// TestPresent: who counts when people of one name and birth date are looked for.
func TestPresent(t *testing.T) {
	nov := month.Of(2026, 11)
	d := month.DateOf
	cases := []struct {
		p    roster.Person
		want bool
	}{
		{roster.Person{}, true},
		{roster.Person{Died: d(2026, 10, 31)}, false},
		{roster.Person{Died: d(2026, 11, 1)}, true},
		{roster.Person{MovedOut: d(2026, 10, 31)}, false},
		{roster.Person{MovedOut: d(2026, 11, 1)}, true},
		{roster.Person{MovedOut: d(2026, 10, 1), MovedIn: d(2026, 10, 31)}, true},
		{roster.Person{MovedOut: d(2026, 10, 1), MovedIn: d(2026, 10, 1)}, true},
		{roster.Person{MovedOut: d(2026, 10, 1), MovedIn: d(2026, 11, 1)}, false},
		{roster.Person{MovedIn: d(2026, 10, 1), MovedOut: d(2026, 10, 31)}, false},
	}
	for i, c := range cases {
		c.p.ID = "140213194406150017"
		for digit := byte('0'); digit <= 'X'; digit++ { // the right one of eleven
			if c.p.ID = c.p.ID[:17] + string(digit); rightNumber(c.p.ID) {
				break
			}
		}
		if got := Present(&c.p, nov); got != c.want {
			t.Errorf("case %d: %+v is present: %t", i, c.p, got)
		}
	}
	for _, id := range []string{"", "临-A1", "140213194406150000", "14021319440615001"} {
		if p := (roster.Person{ID: id}); Present(&p, nov) {
			t.Errorf("%q counts", id)
		}
	}
}
