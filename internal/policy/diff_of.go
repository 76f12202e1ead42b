package policy

import "slices"

// DiffOf is the part of Diff that can make one item come out another way: the item
// itself, the rates, facts and derived names it rests on under either pack, and the 就高
// groups it stands in.
func DiffOf(a, b *Pack, code string) []Difference {
	names := slices.Concat(a.namesBehind(code), b.namesBehind(code))
	return Diff(onlyAbout(a.File, code, names), onlyAbout(b.File, code, names))
}

// onlyAbout is what a pack says of one item and of names, and nothing else.
func onlyAbout(f *File, code string, names []string) *File {
	named := func(t Text) bool { return slices.Contains(names, t.Value) }
	return &File{
		Facts:   those(f.Facts, func(x *Fact) bool { return named(x.Name) }),
		Rates:   those(f.Rates, func(x *Rate) bool { return named(x.Name) }),
		Derived: those(f.Derived, func(x *Derived) bool { return named(x.Name) }),
		Items:   those(f.Items, func(x *Item) bool { return x.Code.Value == code }),
		HigherOf: those(f.HigherOf, func(x *Group) bool {
			return slices.ContainsFunc(x.Items, func(t Text) bool { return t.Value == code })
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
