package policy

import (
	"strings"
	"testing"
)

// An example that does not come true is named with its place, with what was expected
// and what came.
func TestExamplesThatFail(t *testing.T) {
	if failed := load(t, small).Test(); len(failed) > 0 {
		t.Fatal(failed)
	}
	for name, c := range map[string]struct{ old, with, sentence string }{
		"amount":         {`{item: "1", amount: 80}`, `{item: "1", amount: 70}`, "应发 1 70.00 元，3 500.00 元，算得 1 80.00 元，3 500.00 元"},
		"one too few":    {`{item: "1", amount: 80}, `, ``, "应发 3 500.00 元，算得 1 80.00 元，3 500.00 元"},
		"one too many":   {`, first: 2026-11}]`, `, first: 2026-12}]`, "算得 1 80.00 元"},
		"nothing":        {`    pays: [{item: "1", amount: 80}, {item: "3", amount: 500}]` + "\n", ``, "应发 （无），算得"},
		"payee":          {`{item: "3", amount: 500}]`, `{item: "3", amount: 500, payee: 丙}]`, "3 500.00 元（付丙）"},
		"lists":          {`lists: ["2"]`, `lists: []`, "名册应为 （无），算得 2"},
		"another list":   {`lists: ["2"]`, `lists: ["1"]`, "名册应为 1，算得 2"},
		"gap":            {`lists: ["2"]`, `gaps: ["4-2"]`, "资料不全的项目应为 4-2，算得 （无）"},
		"detail":         {`details: [{item: "2", is: "2"}]`, `details: [{item: "2", is: "1"}]`, "项目 2 的详情应为“1”"},
		"detail of none": {`details: [{item: "2", is: "2"}]`, `details: [{item: "1", is: "2"}]`, "项目 1 的详情应为“2”"},
		"too much money": {`determined: [{item: "3", amount: 500`, `determined: [{item: "3", amount: 999999999999`, "超出范围"},
		"too high fee":   {"is: 收费 - 1000", "is: 收费 - 100000", ""},
	} {
		t.Run(name, func(t *testing.T) {
			body, _ := change(t, small, c.old, c.with)
			failed := load(t, body).Test()
			if c.sentence == "" {
				if len(failed) > 0 {
					t.Errorf("got %v", failed)
				}
				return
			}
			_, at := change(t, body, "  - name: 高龄\n    why", "  - name: ‸高龄\n    why")
			if len(failed) != 1 || failed[0].Pos != at || !strings.Contains(failed[0].Sentence, c.sentence) {
				t.Fatalf("want %v …%s…, got %v", at, c.sentence, failed)
			}
			if s := failed[0].String(); !strings.HasPrefix(s, at.String()+"：例子“高龄”不符：") {
				t.Error(s)
			}
		})
	}
	// A formula that goes wrong fails the example; it does not stop the test.
	body, _ := change(t, small, "{amount: 标准, fund: 资金}", "{amount: 1 - 标准, fund: 资金}")
	if failed := load(t, body).Test(); len(failed) != 1 || !strings.Contains(failed[0].Sentence, "负数") {
		t.Errorf("got %v", failed)
	}
}

// The built-in pack's examples see every item: each is granted or listed in one of them.
func TestExamplesCoverTheList(t *testing.T) {
	p := builtin(t)
	seen := map[string]bool{}
	for _, e := range p.File.Examples {
		for _, pays := range e.Pays {
			seen[pays.Item.Value] = true
		}
		for _, list := range e.Lists {
			seen[list.Value] = true
		}
	}
	for _, it := range p.Items() {
		if !seen[it.Code.Value] {
			t.Errorf("no example has item %s %s", it.Code.Value, it.Name.Value)
		}
	}
}
