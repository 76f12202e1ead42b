package population

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/roster"
)

var november = month.Of(2026, 11)

func of(t testing.TB, people int, seed uint64) *Population {
	t.Helper()
	p, err := Generate(Options{People: people, Seed: seed, Month: november})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// all keeps copies of everybody on the first roster.
func all(t testing.TB, p *Population) []roster.Dossier {
	t.Helper()
	var list []roster.Dossier
	err := p.Each(func(d *roster.Dossier) error {
		list = append(list, roster.Dossier{Person: d.Person,
			Facts: append([]roster.Fact{}, d.Facts...), Awards: append([]roster.Award{}, d.Awards...)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestSameSeedSamePeople(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(all(t, of(t, 500, 7)), all(t, of(t, 500, 7))); diff != "" {
		t.Error(diff)
	}
	same := 0
	other := all(t, of(t, 500, 8))
	for i, d := range all(t, of(t, 500, 7)) {
		if d.Name == other[i].Name && d.ID == other[i].ID {
			same++
		}
	}
	if same > 5 {
		t.Errorf("%d of 500 people are the same under another seed", same)
	}
}

// A person does not depend on how many others there are, nor on who was made before.
func TestPeopleDoNotDependOnOthers(t *testing.T) {
	t.Parallel()
	small, large := all(t, of(t, 1000, 3)), of(t, 2000, 3)
	if diff := cmp.Diff(small, all(t, large)[:1000]); diff != "" {
		t.Error(diff)
	}
	for _, i := range []int{999, 0, 40, 41, 500} {
		got := large.Person(i)
		if diff := cmp.Diff(small[i].Person, got.Person); diff != "" {
			t.Errorf("person %d: %s", i, diff)
		}
	}
}

func TestEachStopsAtTheFirstError(t *testing.T) {
	t.Parallel()
	want, n := fmt.Errorf("enough"), 0
	got := of(t, 50, 1).Each(func(*roster.Dossier) error {
		if n++; n == 3 {
			return want
		}
		return nil
	})
	if got != want || n != 3 {
		t.Errorf("stopped after %d with %v", n, got)
	}
}

func TestOptionsOutOfRange(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{
		{People: 0, Month: november}, {People: MaxPeople + 1, Month: november},
		{People: 10}, {People: 10, Month: month.Of(1999, 1)},
	} {
		if _, err := Generate(o); !fault.Is(err, fault.Invalid) {
			t.Errorf("Generate(%+v) = %v, want fault.Invalid", o, err)
		}
	}
}

// Accounts are one person's alone but where a couple shares one, ID numbers always,
// also among who comes later and who is corrected.
func TestNumbersAreDistinctAndValid(t *testing.T) {
	t.Parallel()
	p := of(t, 200_000, 5)
	ids, accounts := map[string]bool{}, map[string]int{}
	cards, badCards := 0, 0
	take := func(d *roster.Person) {
		if ids[d.ID] {
			t.Fatalf("%s stands twice", d.ID)
		}
		ids[d.ID] = true
		if !roster.ValidID(d.ID) {
			t.Fatalf("%s is not valid", d.ID)
		}
		if want := roster.BirthOf(d.ID); !roster.Temporary(d.ID) && d.Birth != want {
			t.Fatalf("%s is born %s", d.ID, d.Birth)
		}
		number := d.Account.Number
		if number != "" {
			accounts[number]++
		}
		if len(number) == 16 || len(number) == 19 {
			cards++
			if last := len(number) - 1; luhn([]byte(number[:last])) != number[last] {
				badCards++
			}
		}
	}
	if err := p.Each(func(d *roster.Dossier) error { take(&d.Person); return nil }); err != nil {
		t.Fatal(err)
	}
	shared := 0
	for _, n := range accounts {
		if n > 2 {
			t.Errorf("an account has %d people", n)
		}
		shared += n - 1
	}
	if shared < 100 || shared > 400 {
		t.Errorf("%d accounts are shared, want about 200", shared)
	}
	if badCards != 1 || cards < 150_000 {
		t.Errorf("%d of %d cards fail Luhn, want 1", badCards, cards)
	}
	for _, row := range p.Changes(november, november+2).People {
		if row.Former != "" || !ids[row.Person.ID] { // a new number
			take(&row.Person)
		}
	}
}

func TestLuhn(t *testing.T) {
	t.Parallel()
	// 7992739871-3 is the example of ISO/IEC 7812 in most textbooks.
	for digits, want := range map[string]byte{"7992739871": '3', "411111111111111": '1', "0": '0'} {
		if got := luhn([]byte(digits)); got != want {
			t.Errorf("luhn(%s) = %c, want %c", digits, got, want)
		}
	}
}

// The largest population still has a number for everybody, newcomers included.
func TestEverybodyHasRoomForANumber(t *testing.T) {
	t.Parallel()
	p := of(t, MaxPeople, 11)
	number := map[slot]int{}
	for i, s := range ordinary {
		number[s] = i
	}
	const days = 60 * 366 // from the oldest birth date to the youngest
	first := november.Add(-12 * 111).First()
	seen := make([]bool, len(ordinary)*days)
	for i := range MaxPeople {
		s, born := p.place(i)
		at := number[s]*days + int(born-first)
		if seen[at] {
			t.Fatalf("person %d has the number of somebody before", i)
		}
		seen[at] = true
	}
	comers := map[string]bool{}
	d := p.draft()
	for n := range p.comers(november + 3) {
		d.first(p.o.People + n)
		if id := d.slot.number(d.born, false); comers[id] {
			t.Fatalf("newcomer %d has the number of somebody before", n)
		} else {
			comers[id] = true
		}
	}
}

func BenchmarkEach(b *testing.B) {
	p := of(b, 100_000, 1)
	for b.Loop() {
		if err := p.Each(func(*roster.Dossier) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/person")
}
