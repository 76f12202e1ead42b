package engine

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/month"
	"disburse/internal/roster"
)

// TestAlike: one name and birth date make a group of those who are present in the month
// under right numbers.
func TestAlike(t *testing.T) {
	m := month.Of(2026, 11)
	born := month.DateOf(1944, 6, 15)
	serial := 0
	someone := func(with ...func(*roster.Person)) roster.Person {
		serial++
		p := roster.Person{Number: int64(serial), Name: "某甲", ID: roster.MakeID("140213", born, serial), Birth: born}
		for _, f := range with {
			f(&p)
		}
		return p
	}
	left := func(d month.Date) func(*roster.Person) { return func(p *roster.Person) { p.MovedOut = d } }
	came := func(d month.Date) func(*roster.Person) { return func(p *roster.Person) { p.MovedIn = d } }
	died := func(d month.Date) func(*roster.Person) { return func(p *roster.Person) { p.Died = d } }
	last, first := month.DateOf(2026, 10, 31), month.DateOf(2026, 11, 1)
	cases := map[string]struct {
		other roster.Person
		alike bool
	}{
		"the same":                 {someone(), true},
		"another name":             {someone(func(p *roster.Person) { p.Name = "某乙" }), false},
		"another birth date":       {someone(func(p *roster.Person) { p.Birth++ }), false},
		"died before the month":    {someone(died(last)), false},
		"died in the month":        {someone(died(first)), true},
		"left before the month":    {someone(left(last)), false},
		"leaves in the month":      {someone(left(first)), true},
		"left and came back":       {someone(left(last-9), came(last)), true},
		"left and back on one day": {someone(left(last), came(last)), true},
		"left and comes back late": {someone(left(last), came(first)), false},
		"came, then left":          {someone(came(last-9), left(last)), false},
		"a temporary number":       {someone(func(p *roster.Person) { p.ID = "临-A1" }), false},
		"a wrong number":           {someone(func(p *roster.Person) { p.ID = "140213194406150000" }), false},
	}
	for name, c := range cases {
		me := someone()
		want := map[int64][]int64{}
		if c.alike {
			group := []int64{c.other.Number, me.Number}
			want[me.Number], want[c.other.Number] = group, group
		}
		if diff := cmp.Diff(want, Alike([]roster.Person{me, c.other}, m)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestAlikeSaysHowMany others there are, not how many there are with the person.
func TestAlikeSaysHowMany(t *testing.T) {
	c := Computer{plan: &Plan{Alike: map[int64][]int64{1: {1, 2, 7}}}}
	f, ok := c.alikeDoubt(&roster.Dossier{Person: roster.Person{Number: 1, Name: "某甲", Birth: month.DateOf(1944, 6, 15)}})
	if !ok || !strings.Contains(f.Sentence, "3 人姓名、出生日期相同") {
		t.Errorf("%+v", f)
	}
}
