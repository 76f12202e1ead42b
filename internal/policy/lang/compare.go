package lang

import (
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/shopspring/decimal"
)

// compare compiles ==, !=, <, <=, >, >= between two of a kind.
func (c *compiler) compare(n *ast.BinaryNode, known []string) (condFunc, []string) {
	for _, side := range []ast.Node{n.Left, n.Right} {
		if u, ok := side.(*ast.UnaryNode); ok && u.Operator == "not" {
			c.fail(u, "not 会先与紧跟的名称结合，请写成 not (…)")
			return never, nil
		}
	}
	if n.Operator == "!=" {
		before := len(c.errs)
		c.needsGuard(n.Left, known, "!=")
		c.needsGuard(n.Right, known, "!=")
		if len(c.errs) > before {
			return never, nil
		}
	}
	left, right := c.typeOf(n.Left), c.typeOf(n.Right)
	switch {
	case left == Number && right == Number:
		return c.compareNumbers(n, known)
	case left == Text && right == Text:
		return c.compareText(n)
	}
	if left == right && left != 0 {
		c.fail(n, "%s不能比较", left)
		return never, nil
	}
	if left != 0 && right != 0 {
		c.fail(n, "两边类型不同，不能比较：左边是%s，右边是%s", left, right)
		return never, nil
	}
	for _, side := range []ast.Node{n.Left, n.Right} { // say which name is unknown
		if id, ok := side.(*ast.IdentifierNode); ok {
			c.symbol(id)
			continue
		}
		if c.typeOf(side) == 0 {
			c.fail(side, "此处不支持这种写法")
		}
	}
	return never, nil
}

func (c *compiler) compareText(n *ast.BinaryNode) (condFunc, []string) {
	id, isName := n.Left.(*ast.IdentifierNode)
	lit, isText := n.Right.(*ast.StringNode)
	if !isName || !isText {
		c.fail(n, "文字比较请写成 事实 == \"值\"")
		return never, nil
	}
	if n.Operator != "==" && n.Operator != "!=" {
		c.fail(n, "文字只能用 == 或 != 比较")
		return never, nil
	}
	s, ok := c.symbol(id)
	if !ok || !c.allowed(lit, id.Value, s) {
		return never, nil
	}
	slot, word, equal := s.Slot, lit.Value, n.Operator == "=="
	return func(env Env) (bool, error) {
		v, err := env.Value(slot)
		return v.Known && (v.Text == word) == equal, err
	}, []string{id.Value}
}

var relations = map[string]func(int) bool{
	"==": func(c int) bool { return c == 0 },
	"!=": func(c int) bool { return c != 0 },
	"<":  func(c int) bool { return c < 0 },
	"<=": func(c int) bool { return c <= 0 },
	">":  func(c int) bool { return c > 0 },
	">=": func(c int) bool { return c >= 0 },
}

// compareNumbers compares two numbers; an absent one makes the comparison false.
func (c *compiler) compareNumbers(n *ast.BinaryNode, known []string) (condFunc, []string) {
	c.noteAge(n)
	var names []string
	absent := func(side ast.Node) func(Env) (bool, error) {
		id, ok := side.(*ast.IdentifierNode)
		if !ok {
			return never
		}
		s, found := c.scope.Lookup(id.Value)
		if !found || !s.Optional || s.Needs != "" {
			return never // a rate by a fact cannot say "absent"; number asks for its guard
		}
		names = append(names, id.Value)
		slot := s.Slot
		return func(env Env) (bool, error) {
			v, err := env.Value(slot)
			return !v.Known, err
		}
	}
	noLeft, noRight := absent(n.Left), absent(n.Right)
	// Both sides count as known inside: their absence was asked about first.
	known = append(slices.Clone(known), names...)
	left, right := c.number(n.Left, known), c.number(n.Right, known)
	holds := relations[n.Operator]
	return func(env Env) (bool, error) {
		for _, gone := range []condFunc{noLeft, noRight} {
			if ok, err := gone(env); ok || err != nil {
				return false, err
			}
		}
		var a, b decimal.Decimal
		var err error
		if a, err = left(env); err != nil {
			return false, err
		}
		if b, err = right(env); err != nil {
			return false, err
		}
		return holds(a.Cmp(b)), nil
	}, names
}

// noteAge records which whole numbers the age is compared with, so that people
// of ages between two such numbers can be told to be alike.
func (c *compiler) noteAge(n *ast.BinaryNode) {
	left, lok := n.Left.(*ast.IdentifierNode)
	number, rok := n.Right.(*ast.IntegerNode)
	if lok && rok && left.Value == AgeName {
		c.expr.Ages = append(c.expr.Ages, number.Value)
	}
}
