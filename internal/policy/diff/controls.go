package diff

import (
	"reflect"
	"slices"
	"strings"

	"disburse/internal/policy/packfile"
)

// controlParts are the parts of a pack that grant nothing and guard what is paid: who must
// sign, on which days nothing is signed, what is held or doubted, where money goes and
// what a bank's answer means. A change of one shows in no settled month, so that the
// effect on these cannot stand for it. Left out are what grants (rates, derived, items,
// higher_of, facts), whose effect is computed, and words (title, source, examples …).
var controlParts = []string{"bureaus", "replacements", "suspension", "checks", "match_lists", "result_codes",
	"banks", "funds", "clearing", "shapes", "certification", "approval", "freezes"}

// Controls is the part of Files that is about controls, in the order of a pack. Whether one
// becomes tighter or looser is not told apart: it is often both (another threshold for
// doubts, another day of a freeze), and telling wrongly would let one person loosen.
func Controls(a, b *packfile.File) []Difference {
	d := &differ{}
	va, vb := reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem()
	for _, f := range keysOf(va.Type()) {
		d.part = labelOf("File", f.key)
		switch {
		case f.key == "rates":
			d.rateControls(a.Rates, b.Rates)
		case f.key == "items":
			d.itemControls(a.Items, b.Items)
		case slices.Contains(controlParts, f.key):
			before := len(d.found)
			d.value("", d.part, va.Field(f.index), vb.Field(f.index))
			if len(d.found) == before && !same(va.Field(f.index), vb.Field(f.index)) {
				d.say("", "%s有改动", d.part)
			}
		}
	}
	return d.found
}

// rateControls compares which values are 待核定: those have to be acknowledged.
func (d *differ) rateControls(a, b []packfile.Rate) {
	for i := range b {
		at := slices.IndexFunc(a, func(r packfile.Rate) bool { return r.Name.Value == b[i].Name.Value })
		if at < 0 {
			continue
		}
		for _, v := range b[i].Values {
			was := slices.IndexFunc(a[at].Values, func(o packfile.RateValue) bool {
				return o.From.Value == v.From.Value && o.When.Value == v.When.Value
			})
			if was >= 0 {
				name := b[i].Name.Value
				d.value(name, "标准“"+name+"”"+strings.TrimSuffix(monthsText(v.From, v.To), "：")+"的待核定说明",
					reflect.ValueOf(a[at].Values[was].Unconfirmed), reflect.ValueOf(v.Unconfirmed))
			}
		}
	}
}

// payControls are the keys of an item's pay that guard and do not grant: what is held
// without, whom the money goes to, how far back arrears reach, what must be acknowledged.
var payControls = []string{"needs", "payee", "arrears_months", "unconfirmed"}

// itemControls compares the controls of items that both packs have.
func (d *differ) itemControls(a, b []packfile.Item) {
	for i := range b {
		at := slices.IndexFunc(a, func(it packfile.Item) bool { return it.Code.Value == b[i].Code.Value })
		if at < 0 || a[at].Pay == nil || b[i].Pay == nil {
			continue
		}
		was, is := reflect.ValueOf(a[at].Pay).Elem(), reflect.ValueOf(b[i].Pay).Elem()
		for _, f := range keysOf(was.Type()) {
			if slices.Contains(payControls, f.key) {
				d.value(b[i].Code.Value, "项目 "+b[i].Code.Value+" "+b[i].Name.Value+"的"+labelOf("Pay", f.key), was.Field(f.index), is.Field(f.index))
			}
		}
	}
}
