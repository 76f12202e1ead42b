package diff

import (
	"slices"

	"disburse/internal/policy"
	"disburse/internal/policy/packfile"
)

// OfItem is the part of Files that can make one item come out another way: the item
// itself, the rates, facts and derived names it rests on under either pack, and the 就高
// groups it stands in.
func OfItem(a, b *policy.Pack, code string) []Difference {
	names := slices.Concat(a.NamesBehind(code), b.NamesBehind(code))
	return Files(onlyAbout(a.File, code, names), onlyAbout(b.File, code, names))
}

// onlyAbout is what a pack says of one item and of names, and nothing else.
func onlyAbout(f *packfile.File, code string, names []string) *packfile.File {
	named := func(t packfile.Text) bool { return slices.Contains(names, t.Value) }
	return &packfile.File{
		Facts:   those(f.Facts, func(x *packfile.Fact) bool { return named(x.Name) }),
		Rates:   those(f.Rates, func(x *packfile.Rate) bool { return named(x.Name) }),
		Derived: those(f.Derived, func(x *packfile.Derived) bool { return named(x.Name) }),
		Items:   those(f.Items, func(x *packfile.Item) bool { return x.Code.Value == code }),
		HigherOf: those(f.HigherOf, func(x *packfile.Group) bool {
			return slices.ContainsFunc(x.Items, func(t packfile.Text) bool { return t.Value == code })
		}),
	}
}

func those[T any](all []T, which func(*T) bool) []T {
	var some []T
	for i := range all {
		if which(&all[i]) {
			some = append(some, all[i])
		}
	}
	return some
}
