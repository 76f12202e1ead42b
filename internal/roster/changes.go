package roster

import (
	"fmt"
	"slices"
	"strings"

	"disburse/internal/month"
)

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
func Changes(before, after *Dossier) []Change {
	if before == nil {
		return []Change{{Text: "登记入册"}}
	}
	var all []Change
	for _, f := range []struct{ what, was, is string }{
		{"姓名", before.Name, after.Name},
		{"身份证号", MaskID(before.ID), MaskID(after.ID)},
		{"出生日期", dayText(before.Birth), dayText(after.Birth)},
		{"街道", before.Street, after.Street},
		{"迁入日期", dayText(before.MovedIn), dayText(after.MovedIn)},
		{"迁出日期", dayText(before.MovedOut), dayText(after.MovedOut)},
		{"死亡日期", dayText(before.Died), dayText(after.Died)},
		{"账户", AccountText(before.Account), AccountText(after.Account)},
		{"代领人", before.Deputy.Name, after.Deputy.Name},
	} {
		if f.was != f.is {
			all = append(all, Change{Text: fmt.Sprintf("%s由 %s 改为 %s", f.what, orNothing(f.was), orNothing(f.is))})
		}
	}
	if before.ID != after.ID && MaskID(before.ID) == MaskID(after.ID) {
		all = append(all, Change{Text: "身份证号已更正（现为 " + MaskID(after.ID) + "）"})
	}
	all = append(all, factChanges(before, after)...)
	return append(all, awardChanges(before, after)...)
}

func dayText(d month.Date) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

func orNothing(s string) string {
	if s == "" {
		return "（无）"
	}
	return s
}

// AccountText says where money goes, the number masked; empty: nowhere.
func AccountText(a Account) string {
	if a.Number == "" {
		return ""
	}
	text := a.Bank + " " + MaskAccount(a.Number)
	if a.Holder != "" {
		text += "（户名 " + a.Holder + "）"
	}
	return text
}

// factChanges tells the histories of facts that are others than before.
func factChanges(before, after *Dossier) []Change {
	tell := func(d *Dossier, name string) string {
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
	for _, d := range []*Dossier{before, after} {
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
func awardChanges(before, after *Dossier) []Change {
	tell := func(d *Dossier, item string) string {
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
	for _, d := range []*Dossier{before, after} {
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
