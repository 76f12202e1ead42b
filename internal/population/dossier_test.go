package population

import (
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/roster"
)

// vocabulary reads what the tests need of the pack, without the policy package.
func vocabulary(t testing.TB) *roster.Vocabulary {
	t.Helper()
	text, err := os.ReadFile("../policy/packs/pingcheng.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var pack struct {
		Title   string
		Streets []string
		Facts   []struct {
			Name, Type string
			Values     []string
		}
		Items []struct {
			Code, Name string
			Pay        struct{ Determined bool }
		}
	}
	if err := yaml.Unmarshal(text, &pack); err != nil {
		t.Fatal(err)
	}
	types := map[string]roster.FactType{"flag": roster.Flag, "choice": roster.Choice, "choices": roster.Choices,
		"text": roster.Text, "amount": roster.Amount}
	v := &roster.Vocabulary{Title: pack.Title, Streets: pack.Streets}
	for _, f := range pack.Facts {
		v.Facts = append(v.Facts, roster.FactKind{Name: f.Name, Type: types[f.Type], Values: f.Values})
	}
	for _, i := range pack.Items {
		if i.Pay.Determined {
			v.Items = append(v.Items, roster.ItemName{Code: i.Code, Name: i.Name})
		}
	}
	return v
}

// Everything said of anybody is in the pack's words and free of contradiction, on the
// first roster and after four months of changes.
func TestDossiersAreSound(t *testing.T) {
	t.Parallel()
	p, v := of(t, 30_000, 2), vocabulary(t)
	d := p.draft()
	for i := range p.o.People + p.comers(november+4) {
		if i < p.o.People {
			d.first(i)
			sound(t, v, &d.Dossier)
		}
		d.state(i, november+4)
		sound(t, v, &d.Dossier)
		if t.Failed() {
			t.Fatalf("person %d", i)
		}
	}
}

func sound(t *testing.T, v *roster.Vocabulary, d *roster.Dossier) {
	t.Helper()
	if d.Name == "" || strings.ContainsRune(d.Name, '�') || !slices.Contains(v.Streets, d.Street) {
		t.Errorf("%s %q lives in %q", d.ID, d.Name, d.Street)
	}
	for _, date := range []month.Date{d.MovedIn, d.MovedOut, d.Died} {
		if date != 0 && date <= d.Birth {
			t.Errorf("%s: %s is not after birth", d.ID, date)
		}
	}
	if d.Account.Number == "" && d.Account != (roster.Account{}) {
		t.Errorf("%s: half an account: %+v", d.ID, d.Account)
	}
	soundFacts(t, v, d)
	for i, a := range d.Awards {
		if !v.Item(a.Item) || a.Amount <= 0 || (a.Last != 0 && a.Last < a.First) || (a.Payee != "" && !isPayee(a.Payee)) {
			t.Errorf("%s: unsound %+v", d.ID, a)
		}
		if i > 0 && d.Awards[i-1].Item == a.Item && (d.Awards[i-1].Last == 0 || d.Awards[i-1].Last >= a.First) {
			t.Errorf("%s: item %s overlaps", d.ID, a.Item)
		}
	}
}

func soundFacts(t *testing.T, v *roster.Vocabulary, d *roster.Dossier) {
	t.Helper()
	for i, f := range d.Facts {
		kind, ok := v.Fact(f.Name)
		if !ok || !soundValue(kind, f.Value) {
			t.Errorf("%s: %s has value %q", d.ID, f.Name, f.Value)
		}
		if f.Since <= d.Birth || (f.Until != 0 && f.Until < f.Since) {
			t.Errorf("%s: %s from %s to %s, born %s", d.ID, f.Name, f.Since, f.Until, d.Birth)
		}
		if i == 0 || d.Facts[i-1].Name != f.Name {
			continue
		}
		if before := d.Facts[i-1]; before.Until == 0 || before.Until >= f.Since {
			t.Errorf("%s: %s overlaps: %v", d.ID, f.Name, d.Facts)
		}
	}
}

func soundValue(kind roster.FactKind, value string) bool {
	switch kind.Type {
	case roster.Flag:
		return value == "是"
	case roster.Choice:
		return slices.Contains(kind.Values, value)
	case roster.Choices:
		last := -1
		for _, part := range strings.Split(value, "、") {
			at := slices.Index(kind.Values, part)
			if at <= last { // none of them, or not in the order in which a reader writes them
				return false
			}
			last = at
		}
		return true
	case roster.Amount:
		fen, err := money.Parse(value)
		return err == nil && fen > 0 && fen.String() == value
	}
	return value != "" && (kind.Name != "入住机构" || isPayee(value))
}

func isPayee(name string) bool {
	return slices.ContainsFunc(payees, func(p roster.Payee) bool { return p.Name == name })
}

// The tables stand beside the pack: whoever changes a street there must do so here.
func TestStreetsAreThePacks(t *testing.T) {
	t.Parallel()
	var ours []string
	for _, row := range streets.rows {
		ours = append(ours, row.what.name)
	}
	if !slices.Equal(ours, vocabulary(t).Streets) {
		t.Errorf("streets are %v", ours)
	}
}
