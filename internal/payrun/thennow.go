package payrun

import (
	"fmt"
	"slices"
	"strings"

	"disburse/internal/month"
	"disburse/internal/policy"
	"disburse/internal/roster"
)

// Comparison is one item of one month as an earlier batch had it, and as it is now.
type Comparison struct {
	Item string
	Name string
	Was  *policy.Standing
	Is   *policy.Standing
	Why  []string // Chinese; empty where both are the same
}

// Differs reports whether the item came out another way.
func (c *Comparison) Differs() bool {
	return c.Was.Verdict != c.Is.Verdict || c.Was.Amount != c.Is.Amount || c.Was.Payee != c.Is.Payee || c.Was.Detail != c.Is.Detail
}

// Compare says of one item and month what is granted now and what was granted by what
// was known then. The book is of the pack of today and, as the one before, of the pack
// of then, both for the month. then is nil for somebody who was not on the roster yet.
func (b *Book) Compare(now, then *roster.Dossier, m month.Month, item string) (Comparison, error) {
	c := Comparison{Item: item, Was: &policy.Standing{ItemExplanation: policy.ItemExplanation{Code: item, Verdict: policy.NotGranted}}}
	var err error
	if c.Is, err = b.pack.Standing(now, m, item); err != nil {
		return c, fmt.Errorf("look at item %s now: %w", item, err)
	}
	c.Name = c.Is.Name
	if then != nil {
		if c.Was, err = b.packBefore.Standing(then, m, item); err != nil {
			return c, fmt.Errorf("look at item %s then: %w", item, err)
		}
		if c.Name == "" {
			c.Name = c.Was.Name
		}
	}
	if c.Differs() {
		c.Why = b.whyOther(&c, now, then, m)
	}
	return c, nil
}

func (b *Book) whyOther(c *Comparison, now, then *roster.Dossier, m month.Month) []string {
	if then == nil {
		return []string{"当时花名册里没有这个人"}
	}
	var all []string
	switch {
	case c.Was.Present && !c.Is.Present:
		all = append(all, absent(now, m))
	case !c.Was.Present && c.Is.Present && c.Was.InForce:
		all = append(all, corrected(then, m))
	}
	var rules []policy.Difference
	if b.packBefore.Hash != b.pack.Hash {
		rules = policy.DiffOf(b.packBefore, b.pack, c.Item)
	}
	w := &why{book: b, now: now, then: then, was: c.Was, is: c.Is, last: m, month: m, told: rules, ruled: true}
	all = append(all, w.late()...)
	for _, d := range rules {
		all = append(all, "规则改变："+d.Sentence)
	}
	all = slices.DeleteFunc(all, func(s string) bool { return s == "" })
	if len(all) == 0 {
		all = append(all, "所依据的其他项目或资料有变动")
	}
	return all
}

// corrected says why somebody who was not there then is there now.
func corrected(then *roster.Dossier, m month.Month) string {
	switch why := absent(then, m); {
	case why != "":
		return "当时登记为 " + why + "，现已更正"
	case roster.Temporary(then.ID):
		return "当时登记的是临时编号 " + then.ID + "，不享受本项，现已更正"
	}
	return ""
}

// Change is one thing that became known of a person, in words.
type Change struct {
	Item string // the item whose 核定金额 it is about, which only its bureau may read; empty: about none
	Text string
}

// MarshalText is the text alone.
func (c Change) MarshalText() ([]byte, error) { return []byte(c.Text), nil }

// Texts are the words of changes.
func Texts(changes []Change) []string {
	var all []string
	for _, c := range changes {
		all = append(all, c.Text)
	}
	return all
}

// Changes says what one revision made known of a person, against what was known before
// it. Accounts are masked.
func Changes(before, after *roster.Dossier) []Change {
	if before == nil {
		return []Change{{Text: "登记入册"}}
	}
	var all []Change
	for _, f := range []struct{ what, was, is string }{
		{"姓名", before.Name, after.Name},
		{"身份证号", roster.MaskID(before.ID), roster.MaskID(after.ID)},
		{"出生日期", day(before.Birth), day(after.Birth)},
		{"街道", before.Street, after.Street},
		{"迁入日期", day(before.MovedIn), day(after.MovedIn)},
		{"迁出日期", day(before.MovedOut), day(after.MovedOut)},
		{"死亡日期", day(before.Died), day(after.Died)},
		{"账户", accountText(before.Account), accountText(after.Account)},
		{"代领人", before.Deputy.Name, after.Deputy.Name},
	} {
		if f.was != f.is {
			all = append(all, Change{Text: fmt.Sprintf("%s由 %s 改为 %s", f.what, orNone(f.was), orNone(f.is))})
		}
	}
	if before.ID != after.ID && roster.MaskID(before.ID) == roster.MaskID(after.ID) {
		all = append(all, Change{Text: "身份证号已更正（现为 " + roster.MaskID(after.ID) + "）"})
	}
	all = append(all, factChanges(before, after)...)
	return append(all, awardChanges(before, after)...)
}

func day(d month.Date) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

func orNone(s string) string {
	if s == "" {
		return "（无）"
	}
	return s
}

func accountText(a roster.Account) string {
	if a.Number == "" {
		return ""
	}
	text := a.Bank + " " + roster.MaskAccount(a.Number)
	if a.Holder != "" {
		text += "（户名 " + a.Holder + "）"
	}
	return text
}

// factChanges tells the histories of facts that are others than before.
func factChanges(before, after *roster.Dossier) []Change {
	tell := func(d *roster.Dossier, name string) string {
		var parts []string
		for _, f := range d.Facts {
			if f.Name != name {
				continue
			}
			s := f.Value + " 自 " + f.Since.String() + " 起"
			if f.Until != 0 {
				s += "至 " + f.Until.String() + " 止"
			}
			parts = append(parts, s+basisText(f.Basis))
		}
		return strings.Join(parts, "，")
	}
	var names []string
	var all []Change
	for _, d := range []*roster.Dossier{before, after} {
		for _, f := range d.Facts {
			if !slices.Contains(names, f.Name) {
				names = append(names, f.Name)
			}
		}
	}
	for _, name := range names {
		if was, is := tell(before, name), tell(after, name); was != is {
			all = append(all, Change{Text: told("情况“"+name+"”", was, is)})
		}
	}
	return all
}

// awardChanges is factChanges of 核定金额.
func awardChanges(before, after *roster.Dossier) []Change {
	tell := func(d *roster.Dossier, item string) string {
		var parts []string
		for _, a := range d.Awards {
			if a.Item != item {
				continue
			}
			s := a.Amount.String() + " 元 自 " + a.First.String() + " 起"
			if a.Last != 0 {
				s += "至 " + a.Last.String() + " 止"
			}
			parts = append(parts, s+basisText(a.Basis))
		}
		return strings.Join(parts, "，")
	}
	var items []string
	var all []Change
	for _, d := range []*roster.Dossier{before, after} {
		for _, a := range d.Awards {
			if !slices.Contains(items, a.Item) {
				items = append(items, a.Item)
			}
		}
	}
	for _, item := range items {
		if was, is := tell(before, item), tell(after, item); was != is {
			all = append(all, Change{item, told("项目 "+item+" 的核定金额", was, is)})
		}
	}
	return all
}

func told(what, was, is string) string {
	switch {
	case was == "":
		return what + "登记为 " + is
	case is == "":
		return what + "的登记已撤销（原为 " + was + "）"
	}
	return what + "由 " + was + " 改为 " + is
}

func basisText(basis string) string {
	if basis == "" {
		return ""
	}
	return "（依据：" + basis + "）"
}
