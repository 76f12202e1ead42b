package read

import (
	"fmt"
	"strings"

	"disburse/internal/roster"
	"disburse/internal/roster/clean"
)

// texts keeps one copy of each text that comes again and again. What it returns never
// keeps the row alive that the text came in.
type texts map[string]string

func (t texts) one(s string) string {
	if s == "" {
		return ""
	}
	if kept, ok := t[s]; ok {
		return kept
	}
	s = strings.Clone(s)
	if len(t) < maxCached {
		t[s] = s
	}
	return s
}

// words is the vocabulary, ready to look things up by squeezed names.
type words struct {
	*roster.Vocabulary
	facts   map[string]int
	values  []map[string]int // by fact
	items   map[string]int
	streets map[string]string
}

func newWords(v *roster.Vocabulary) *words {
	w := &words{Vocabulary: v, facts: map[string]int{}, items: map[string]int{}, streets: map[string]string{}}
	for i, f := range v.Facts {
		w.facts[clean.Squeeze(f.Name)] = i
		values := map[string]int{}
		for j, value := range f.Values {
			values[clean.Squeeze(value)] = j
		}
		w.values = append(w.values, values)
	}
	for i, item := range v.Items {
		w.items[clean.Squeeze(item.Code)] = i
	}
	for _, s := range v.Streets {
		w.streets[clean.Squeeze(s)] = s
	}
	return w
}

// unknownItem says which codes there are.
func (w *words) unknownItem(code string) string {
	var codes []string
	for _, i := range w.Items {
		codes = append(codes, i.Code)
	}
	return fmt.Sprintf("没有编号为“%s”的核定金额项目，可用的有 %s", code, strings.Join(codes, "、"))
}
