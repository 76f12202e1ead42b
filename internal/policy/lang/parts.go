package lang

import (
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/shopspring/decimal"
)

// Part is one summand of an amount, for telling people how it comes about. It decides
// nothing.
type Part struct {
	Minus bool   // taken off
	Item  string // the code that granted() asks; Words is then empty
	Words string // what is added: a name, or names with what is done to them
	Value decimal.Decimal
}

// Makeup is how an amount comes about: its summands, and the most it may be.
type Makeup struct {
	Parts []Part
	Limit *decimal.Decimal // of an amount written as min(…, limit); nil: none
}

// makeup is what Makeup is computed from.
type makeup struct {
	parts []summand
	limit numFunc
}

type summand struct {
	minus       bool
	item, words string
	value       numFunc
}

// Makeup takes a Number expression apart for one person and month.
func (e *Expr) Makeup(env Env) (Makeup, error) {
	var m Makeup
	for _, s := range e.made.parts {
		v, err := s.value(env)
		if err != nil {
			return Makeup{}, err
		}
		m.Parts = append(m.Parts, Part{s.minus, s.item, s.words, v})
	}
	if e.made.limit != nil {
		limit, err := e.made.limit(env)
		if err != nil {
			return Makeup{}, err
		}
		m.Limit = &limit
	}
	return m, nil
}

// takeApart finds the summands of an amount that has compiled without errors: through
// max(0, …) and min(…, limit) around it, along + and −.
func (c *compiler) takeApart(n ast.Node, known []string) makeup {
	again := &compiler{scope: c.scope, source: c.source, expr: &Expr{}} // its notes are thrown away
	var m makeup
	for {
		b, ok := n.(*ast.BuiltinNode)
		if !ok || len(b.Arguments) != 2 {
			break
		}
		if floor, zero := b.Arguments[0].(*ast.IntegerNode); b.Name == "max" && zero && floor.Value == 0 {
			n = b.Arguments[1]
			continue
		}
		if b.Name != "min" || m.limit != nil {
			break
		}
		n, m.limit = b.Arguments[0], again.number(b.Arguments[1], known)
	}
	m.parts = again.summands(n, known, false)
	return m
}

func (c *compiler) summands(n ast.Node, known []string, minus bool) []summand {
	if b, ok := n.(*ast.BinaryNode); ok && (b.Operator == "+" || b.Operator == "-") {
		right := minus != (b.Operator == "-")
		return append(c.summands(b.Left, known, minus), c.summands(b.Right, known, right)...)
	}
	s := summand{minus: minus, value: c.number(n, known)}
	if call, ok := n.(*ast.CallNode); ok { // of granted: nothing else is called in a number
		s.item = call.Arguments[0].(*ast.StringNode).Value
		return []summand{s}
	}
	s.words = words(n)
	return []summand{s}
}

// words says a number in everyday words.
func words(n ast.Node) string {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return n.Value
	case *ast.IntegerNode:
		return strconv.Itoa(n.Value)
	case *ast.CallNode:
		return "第" + n.Arguments[0].(*ast.StringNode).Value + "项实发"
	case *ast.BinaryNode:
		sign := map[string]string{"+": "加", "-": "减", "*": " × "}[n.Operator]
		if n.Operator == "*" {
			return factor(n.Left) + sign + factor(n.Right)
		}
		return words(n.Left) + sign + words(n.Right)
	case *ast.BuiltinNode:
		return extremeWords(n)
	}
	return ""
}

// factor puts a sum within a product into brackets.
func factor(n ast.Node) string {
	if b, ok := n.(*ast.BinaryNode); ok && b.Operator != "*" {
		return "（" + words(n) + "）"
	}
	return words(n)
}

// extremeWords says max(0, a − b) as what a is above b, and others as what they choose.
func extremeWords(n *ast.BuiltinNode) string {
	if len(n.Arguments) == 2 && n.Name == "max" {
		floor, ok := n.Arguments[0].(*ast.IntegerNode)
		rest, minus := n.Arguments[1].(*ast.BinaryNode)
		if ok && floor.Value == 0 && minus && rest.Operator == "-" {
			return words(rest.Left) + "超过" + words(rest.Right) + "的部分"
		}
	}
	var all []string
	for _, a := range n.Arguments {
		all = append(all, words(a))
	}
	which := "较高的"
	if n.Name == "min" {
		which = "较低的"
	}
	return strings.Join(all, "、") + "中" + which
}
