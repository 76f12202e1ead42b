// Package judge is the second computation: a batch is signed only when two programs
// that were written apart from each other agree on every line of it.
//
// It is meant to be read next to the rules. It takes one person and one month at a
// time, walks the expressions of the pack as they were parsed, counts in exact
// decimals of 元, keeps nothing from one person to the next and shares no code with
// the engine (policy's granting, payrun): it only reads the same pack file and fills
// the same line structs, so that they can be compared.
package judge

import (
	"fmt"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
)

// World is what all people of a batch share. The pack must have passed policy's
// checks; what it does not allow makes an error here, not a guess.
type World struct {
	File    *packfile.File
	Bureau  string                    // the batch's: the items it pays are judged
	Month   month.Month               // M, the month that the batch pays
	Opening month.Month               // the district's opening month (期初月)
	Payees  map[string]roster.Account // 收款单位 by name, as known at the batch's revision
	// Refused are the accounts that payments failed on, by number: with bank and 户名 as paid.
	Refused map[string][]roster.Account
	// Retried are those of them, by number, that somebody decided to pay to again after
	// the last failure.
	Retried map[string][]roster.Account
	// Kept are those of them, by number, that somebody decided to hold after the last failure.
	Kept map[string][]roster.Account
	// OneReason says that the batch was computed by an earlier program, for which a line that
	// somebody decided to hold had the same reason as one that nobody decided about.
	OneReason bool
	// Approvals are the bureau's up to the batch's revision; only arrears_months asks for them.
	Approvals []Approval
}

// Case is one person with everything known at the batch's revision.
type Case struct {
	Person  roster.Person
	Facts   []roster.Fact
	Awards  []roster.Award
	Settled []Entry // ledger entries of the person
	Waived  []Entry // 核销 of the person
	// Only arrears_months asks for these: dues that an earlier batch found, and what was known
	// of the person from the first revision to the batch's. Without Known all was known in time.
	Found []Key
	Known []Knowledge

	Listed []ListRow // rows of the newest match lists (比对名单) about the person

	AccountShared bool            // somebody else has the same account number
	NameShared    bool            // somebody else who is present has the same name and birth date
	Elsewhere     []Entry         // what other regions of the database have paid to the ID number; Payee is empty
	Released      map[string]bool // kinds of 疑点 decided with release, by the names below
	Kept          map[string]bool // those decided to hold
}

// ListRow is a row of a match list, as far as it decides whether lines are held.
type ListRow struct {
	List string     // the pack's name of the list
	Date month.Date // of death, on a list of deaths; 0: not given
}

// The kinds of 疑点 in Case.Released. A conflict's is ConflictKind + its name in the pack,
// a match list's ListKind + its name.
const (
	ConflictKind = "冲突:"
	ListKind     = "名单:"
	SharedKind   = "账户共用"
	HolderKind   = "户名不符"
	AgeKind      = "年龄异常"
)

// Key is what a due is counted by, beside the person.
type Key struct {
	Item  string
	Payee string
	Month month.Month // benefit month
}

// Entry is an amount in 分 that was settled or waived.
type Entry struct {
	Key
	Amount money.Fen
}

// Judge computes people of one World. It is not safe for several goroutines.
type Judge struct {
	World
	facts    map[string]*packfile.Fact
	rates    map[string]*packfile.Rate
	derived  map[string]*packfile.Derived
	items    map[string]*packfile.Item
	paying   []*packfile.Item    // those that pay money, in list order
	position map[string]int      // of an item in the list
	trees    map[string]ast.Node // parsed expressions by their text
	deducts  map[string][]string // item → codes that its expressions name in granted()
}

// New parses every expression of the pack once.
func New(w World) (*Judge, error) {
	j := &Judge{
		World:    w,
		facts:    map[string]*packfile.Fact{},
		rates:    map[string]*packfile.Rate{},
		derived:  map[string]*packfile.Derived{},
		items:    map[string]*packfile.Item{},
		position: map[string]int{},
		trees:    map[string]ast.Node{},
		deducts:  map[string][]string{},
	}
	j.index()
	for _, source := range j.expressions() {
		tree, err := parser.Parse(source)
		if err != nil {
			return nil, fmt.Errorf("judge: parse %q: %w", source, err)
		}
		j.trees[source] = tree.Node
	}
	for i := range w.File.Items {
		item := &w.File.Items[i]
		for _, source := range itemExpressions(item) {
			j.deducts[item.Code.Value] = append(j.deducts[item.Code.Value], j.grantedIn(source)...)
		}
	}
	return j, nil
}

func (j *Judge) index() {
	f := j.File
	for i := range f.Facts {
		j.facts[f.Facts[i].Name.Value] = &f.Facts[i]
	}
	for i := range f.Rates {
		j.rates[f.Rates[i].Name.Value] = &f.Rates[i]
	}
	for i := range f.Derived {
		j.derived[f.Derived[i].Name.Value] = &f.Derived[i]
	}
	for i := range f.Items {
		j.items[f.Items[i].Code.Value] = &f.Items[i]
		if f.Items[i].Pay != nil {
			j.paying = append(j.paying, &f.Items[i])
		}
		j.position[f.Items[i].Code.Value] = i
	}
}

// expressions are all texts of the pack that are evaluated.
func (j *Judge) expressions() []string {
	var all []string
	for i := range j.File.Derived {
		all = append(all, clauseTexts(j.File.Derived[i].Is)...)
	}
	for i := range j.File.Items {
		all = append(all, itemExpressions(&j.File.Items[i])...)
	}
	for _, c := range j.File.Checks.Conflicts {
		all = append(all, c.When.Value)
	}
	return all
}

func itemExpressions(item *packfile.Item) []string {
	all := append(clauseTexts(item.When), clauseTexts(item.Unless)...)
	for _, d := range item.Detail {
		all = appendText(all, d.If.Value, d.Value.Value)
	}
	if item.Pay == nil {
		return all
	}
	all = append(all, clauseTexts(item.Pay.When)...)
	for _, a := range item.Pay.Amount {
		all = appendText(all, a.If.Value, a.Is.Value)
	}
	return all
}

func clauseTexts(clauses []packfile.Clause) []string {
	var all []string
	for _, c := range clauses {
		all = append(all, c.Is.Value)
	}
	return all
}

func appendText(all []string, sources ...string) []string {
	for _, s := range sources {
		if s != "" {
			all = append(all, s)
		}
	}
	return all
}

// grantedIn lists the items that an expression names in granted(), also by way of
// something derived.
func (j *Judge) grantedIn(source string) []string {
	var found mentions
	tree := j.trees[source]
	ast.Walk(&tree, &found)
	codes := found.granted
	for _, name := range found.names {
		if d, ok := j.derived[name]; ok {
			for _, version := range d.Is {
				codes = append(codes, j.grantedIn(version.Is.Value)...)
			}
		}
	}
	return codes
}

// FactsBehind are the facts that an expression of the pack rests on, also by way of
// something derived, in any version, and of what a rate depends on.
func (j *Judge) FactsBehind(source string) map[string]bool {
	facts, seen := map[string]bool{}, map[string]bool{}
	var visit func(name string)
	follow := func(source string) {
		var found mentions
		tree := j.trees[source]
		ast.Walk(&tree, &found)
		for _, name := range found.names {
			visit(name)
		}
	}
	visit = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		if j.facts[name] != nil {
			facts[name] = true
		}
		if r := j.rates[name]; r != nil {
			visit(r.By.Value)
		}
		if d := j.derived[name]; d != nil {
			for _, version := range d.Is {
				follow(version.Is.Value)
			}
		}
	}
	follow(source)
	return facts
}

// mentions collects what a tree names.
type mentions struct{ granted, names []string }

// Visit is called for every node of the tree.
func (f *mentions) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		f.names = append(f.names, n.Value)
	case *ast.CallNode:
		callee, ok := n.Callee.(*ast.IdentifierNode)
		if !ok || callee.Value != "granted" {
			return
		}
		for _, a := range n.Arguments {
			if s, ok := a.(*ast.StringNode); ok {
				f.granted = append(f.granted, s.Value)
			}
		}
	}
}
