package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"disburse/internal/month"
)

// ordered is a pack of items that pay what they are told, with 就高 groups.
func ordered(amounts []string, groups ...string) string {
	var b strings.Builder
	b.WriteString("language: 1\nregion: \"140213\"\ndistrict: 示例区\ntitle: 示例清单\nbureaus: [{name: 区民政局, code: MZ}]\nfacts: [{name: 低保, type: flag}]\nitems:\n")
	for i, amount := range amounts {
		fmt.Fprintf(&b, "  - code: \"%d\"\n    name: 项目\n    bureaus: [区民政局]\n    when: [年龄 >= 0]\n    pay: {fund: 资金, amount: '%s'}\n", i+1, amount)
	}
	if len(groups) > 0 {
		b.WriteString("higher_of:\n")
	}
	for _, g := range groups {
		b.WriteString("  - {items: [" + g + "]}\n")
	}
	return b.String()
}

// An item that asks granted() is computed after what it asks for, and after the 就高
// groups that may take that away, wherever they stand in the file.
func TestOrder(t *testing.T) {
	for name, c := range map[string]struct {
		pack string
		want string
	}{
		"forward":             {ordered([]string{`granted("2") + 1`, "5"}), "6 5"},
		"chain":               {ordered([]string{`granted("2") + 1`, `granted("3") + 1`, `granted("4") + 1`, "1"}), "4 3 2 1"},
		"twice":               {ordered([]string{`granted("2") + granted("2") + granted("3")`, `granted("3")`, "2"}), "6 2 2"},
		"after the group":     {ordered([]string{`100 - granted("2") - granted("3")`, "5", "9"}, "2, 3"), "91 0 9"},
		"equal keeps first":   {ordered([]string{"5", "5", `granted("1") + 1`}, "2, 1"), "5 0 6"},
		"three in a group":    {ordered([]string{"5", "9", "7"}, "1, 2, 3"), "0 9 0"},
		"two groups":          {ordered([]string{"5", "9", "7", "8"}, "1, 2", "3, 4"), "0 9 0 8"},
		"asker in a group":    {ordered([]string{`granted("3") * 2`, "9", "5"}, "1, 2"), "10 0 5"},
		"group asks of group": {ordered([]string{`granted("3") * 3`, "9", "5", "6"}, "1, 2", "3, 4"), "0 9 0 6"},
		"group to come":       {strings.Replace(ordered([]string{"5", "9"}, "1, 2"), "{items: [1, 2]}", "{from: 2027-01, items: [1, 2]}", 1), "5 9"},
		"group of the past":   {strings.Replace(ordered([]string{"5", "9"}, "1, 2"), "{items: [1, 2]}", "{to: 2026-10, items: [1, 2]}", 1), "5 9"},
	} {
		t.Run(name, func(t *testing.T) {
			p := load(t, c.pack)
			o := grant(t, p, person("1950-01-01"), month.Of(2026, 11))
			var got []string
			for _, it := range p.Items() {
				i := slices.IndexFunc(o.Grants, func(g Grant) bool { return g.Item == it.Code.Value })
				if i < 0 {
					got = append(got, "0")
					continue
				}
				got = append(got, strings.TrimSuffix(o.Grants[i].Amount.String(), ".00"))
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("got %s, want %s", s, c.want)
			}
		})
	}
}

// Circles, also those that close only through a 就高 group.
func TestCircles(t *testing.T) {
	for name, c := range map[string]struct {
		pack string
		item string // the one that the problem must name
		path string
	}{
		"two":     {ordered([]string{`granted("2")`, `granted("1")`}), "1", `"1" → "2" → "1"`},
		"three":   {ordered([]string{`granted("2")`, `granted("3")`, `granted("1")`}), "1", `"1" → "2" → "3" → "1"`},
		"a tail":  {ordered([]string{`granted("2")`, `granted("3")`, `granted("2")`}), "2", `"1" → "2" → "3" → "2"`},
		"member":  {ordered([]string{`granted("2")`, "5"}, "1, 2"), "1", `"1" → "1"`},
		"outside": {ordered([]string{`granted("2")`, "5", `granted("1")`}, "2, 3"), "1", `"1" → "3" → "1"`},
		// The group is entered from outside first: 1 asks 2, which shares a group with 3, which asks 2.
		"entered from outside": {ordered([]string{`granted("2")`, "5", `granted("2")`}, "2, 3"), "3", `"1" → "3"`},
		"through another":      {ordered([]string{`granted("2")`, "5", `granted("4")`, `granted("2")`}, "2, 3"), "4", `"1" → "3" → "4"`},
		"two groups":           {ordered([]string{`granted("3")`, "5", `granted("2")`, "6"}, "1, 2", "3, 4"), "1", `"1" → "3" → "1"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, at := change(t, c.pack, `code: "`+c.item+`"`, `code: ‸"`+c.item+`"`)
			wants(t, problems(t, c.pack), at, "循环："+c.path)
		})
	}
}
