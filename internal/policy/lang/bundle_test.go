package lang_test

import (
	"errors"
	"testing"

	"github.com/shopspring/decimal"

	"disburse/internal/policy/lang"
)

// names is the scope of the tests: one name of each kind that a pack can declare.
var names = []struct {
	name   string
	symbol lang.Symbol
}{
	{"年龄", lang.Symbol{Type: lang.Number}},
	{"低保", lang.Symbol{Type: lang.Bool}},
	{"低保边缘", lang.Symbol{Type: lang.Bool}},
	{"特困", lang.Symbol{Type: lang.Text, Optional: true, Values: []string{"分散", "集中"}}},
	{"残疾类别", lang.Symbol{Type: lang.Texts, Optional: true, Values: []string{"智力", "精神", "肢体"}}},
	{"入住机构", lang.Symbol{Type: lang.Text, Optional: true}},
	{"机构月收费", lang.Symbol{Type: lang.Number, Optional: true}},
	{"低保月金额", lang.Symbol{Type: lang.Number, Optional: true}},
	{"低保标准", lang.Symbol{Type: lang.Number}},
	{"分散供养倍数", lang.Symbol{Type: lang.Number}},
	{"照料护理倍数", lang.Symbol{Type: lang.Number, Optional: true, Needs: "自理能力"}},
	{"自理能力", lang.Symbol{Type: lang.Text, Optional: true, Values: []string{"全自理", "半自理", "全护理"}}},
	{"标准_2025", lang.Symbol{Type: lang.Number}},
	{"㐂", lang.Symbol{Type: lang.Bool}},
	{"𠮷", lang.Symbol{Type: lang.Bool}},
	{"未编译", lang.Symbol{}}, // a derived name whose own expression has an error
}

type scope struct{}

func (scope) Lookup(name string) (lang.Symbol, bool) {
	for i, n := range names {
		if n.name == name {
			n.symbol.Slot = i
			return n.symbol, true
		}
	}
	return lang.Symbol{}, false
}

func (scope) Asks(code string) lang.Asking {
	switch code {
	case "18-1", "23-1":
		return lang.MayAsk
	case "9":
		return lang.PaysNothing
	case "15":
		return lang.AsksItself
	case "here":
		return lang.NeverHere
	}
	return lang.UnknownItem
}

// env has values by name; what it lacks is absent.
type env struct {
	values  map[string]lang.Value
	granted map[string]string
	fails   string // the name that has no value in the month
}

var errNoRate = errors.New("no rate")

func (e env) Value(slot int) (lang.Value, error) {
	name := names[slot].name
	if name == e.fails {
		return lang.Value{}, errNoRate
	}
	return e.values[name], nil
}

func (e env) Granted(code string) (decimal.Decimal, error) {
	if e.fails == code {
		return decimal.Zero, errNoRate
	}
	if s, ok := e.granted[code]; ok {
		return decimal.RequireFromString(s), nil
	}
	return decimal.Zero, nil
}

func flag(v bool) lang.Value         { return lang.Value{Known: true, Flag: v} }
func text(s string) lang.Value       { return lang.Value{Known: true, Text: s} }
func texts(s ...string) lang.Value   { return lang.Value{Known: true, Texts: s} }
func number(s string) lang.Value     { return lang.Value{Known: true, Num: decimal.RequireFromString(s)} }
func known(names ...string) []string { return names }
func values(v ...any) map[string]lang.Value {
	m := map[string]lang.Value{}
	for i := 0; i < len(v); i += 2 {
		m[v[i].(string)] = v[i+1].(lang.Value)
	}
	return m
}

func compile(t *testing.T, source string, want lang.Type, known ...string) *lang.Expr {
	t.Helper()
	x, errs := lang.Compile(source, scope{}, known, want)
	if len(errs) > 0 {
		t.Fatalf("Compile(%s): %v", source, errs)
	}
	return x
}
