package lang

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

type condFunc = func(Env) (bool, error)

// never stands in for what could not be compiled; an error has been noted.
func never(Env) (bool, error) { return false, nil }

// cond compiles a condition. The second result lists the names that are known
// wherever it is true.
func (c *compiler) cond(n ast.Node, known []string) (condFunc, []string) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return c.flag(n)
	case *ast.UnaryNode:
		return c.not(n, known), nil
	case *ast.BinaryNode:
		switch n.Operator {
		case "and":
			return c.and(n, known)
		case "or":
			return c.or(n, known)
		case "in":
			return c.in(n, known)
		case "==", "!=", "<", "<=", ">", ">=":
			return c.compare(n, known)
		case "&&": // refused as a spelling, so this is what the parser makes of a chain
			c.fail(n, chained)
			return never, nil
		}
		c.fail(n, "不支持运算符“%s”，条件中可用 and or not in 和比较", n.Operator)
	case *ast.CallNode:
		if callee(n) == "known" {
			return c.known(n)
		}
		c.fail(n, "条件中只能调用 known(名称)，不支持“%s”", callee(n))
	case *ast.BoolNode:
		c.fail(n, "条件不能恒为 true 或 false")
	default:
		c.fail(n, "此处应为条件（是非），不是%s", orElse(c.typeOf(n).String(), "这种写法"))
	}
	return never, nil
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func (c *compiler) flag(n *ast.IdentifierNode) (condFunc, []string) {
	s, ok := c.symbol(n)
	if !ok || s.Type == 0 {
		return never, nil
	}
	if s.Type != Bool {
		hint := ""
		if s.Optional && s.Needs == "" {
			hint = "；要问是否登记请写 known(" + n.Value + ")"
		}
		c.fail(n, "“%s”是%s，不能单独作条件%s", n.Value, s.Type, hint)
		return never, nil
	}
	slot := s.Slot
	return func(env Env) (bool, error) {
		v, err := env.Value(slot)
		return v.Flag, err
	}, []string{n.Value}
}

func (c *compiler) not(n *ast.UnaryNode, known []string) condFunc {
	if n.Operator != "not" {
		c.fail(n, "此处应为条件，不支持“%s”", n.Operator)
		return never
	}
	if b, ok := n.Node.(*ast.BinaryNode); ok && b.Operator == "in" && n.Location().From > b.Left.Location().From {
		// Written as "x not in …", which reads as if x were known.
		c.needsGuard(b.Left, known, "not in")
		c.needsGuard(b.Right, known, "not in")
	}
	inner, _ := c.cond(n.Node, known)
	return func(env Env) (bool, error) {
		ok, err := inner(env)
		return !ok && err == nil, err
	}
}

func (c *compiler) and(n *ast.BinaryNode, known []string) (condFunc, []string) {
	left, k1 := c.cond(n.Left, known)
	right, k2 := c.cond(n.Right, append(slices.Clone(known), k1...))
	return func(env Env) (bool, error) {
		if ok, err := left(env); !ok || err != nil {
			return false, err
		}
		return right(env)
	}, append(slices.Clone(k1), k2...)
}

func (c *compiler) or(n *ast.BinaryNode, known []string) (condFunc, []string) {
	left, k1 := c.cond(n.Left, known)
	right, k2 := c.cond(n.Right, known)
	var both []string
	for _, name := range k1 {
		if slices.Contains(k2, name) {
			both = append(both, name)
		}
	}
	return func(env Env) (bool, error) {
		if ok, err := left(env); ok || err != nil {
			return ok, err
		}
		return right(env)
	}, both
}

func (c *compiler) known(n *ast.CallNode) (condFunc, []string) {
	if len(n.Arguments) != 1 {
		c.fail(n, "known 要写一个名称，如 known(失能等级)")
		return never, nil
	}
	id, ok := n.Arguments[0].(*ast.IdentifierNode)
	if !ok {
		c.fail(n, "known 的括号里只能是一个名称")
		return never, nil
	}
	s, ok := c.symbol(id)
	if !ok {
		return never, nil
	}
	if !s.Optional || s.Needs != "" {
		c.fail(id, "“%s”不是可能未登记的事实，不能用 known", id.Value)
		return never, nil
	}
	slot := s.Slot
	return func(env Env) (bool, error) {
		v, err := env.Value(slot)
		return v.Known, err
	}, []string{id.Value}
}

// in compiles x in ["a", "b"] and "a" in xs.
func (c *compiler) in(n *ast.BinaryNode, known []string) (condFunc, []string) {
	if lit, ok := n.Left.(*ast.StringNode); ok {
		id, ok := n.Right.(*ast.IdentifierNode)
		if !ok {
			c.fail(n.Right, "“in”右边应为多值事实的名称")
			return never, nil
		}
		s, ok := c.symbol(id)
		if !ok || !c.expect(id, s, Texts) || !c.allowed(lit, id.Value, s) {
			return never, nil
		}
		slot, word := s.Slot, lit.Value
		return func(env Env) (bool, error) {
			v, err := env.Value(slot)
			return slices.Contains(v.Texts, word), err
		}, []string{id.Value}
	}
	id, ok := n.Left.(*ast.IdentifierNode)
	list, isList := n.Right.(*ast.ArrayNode)
	if !ok || !isList || len(list.Nodes) == 0 {
		c.fail(n, "“in”请写成 事实 in [\"甲\", \"乙\"]，或 \"甲\" in 多值事实")
		return never, nil
	}
	s, ok := c.symbol(id)
	if !ok || !c.expect(id, s, Text) {
		return never, nil
	}
	var words []string
	for _, e := range list.Nodes {
		lit, ok := e.(*ast.StringNode)
		if !ok {
			c.fail(e, "列表里只能是带双引号的文字")
			return never, nil
		}
		if c.allowed(lit, id.Value, s) {
			words = append(words, lit.Value)
		}
	}
	slot := s.Slot
	return func(env Env) (bool, error) {
		v, err := env.Value(slot)
		return v.Known && slices.Contains(words, v.Text), err
	}, []string{id.Value}
}

func (c *compiler) expect(n *ast.IdentifierNode, s Symbol, t Type) bool {
	if s.Type == 0 {
		return false
	}
	if s.Type != t {
		c.fail(n, "“%s”是%s，此处应为%s", n.Value, s.Type, t)
		return false
	}
	return true
}

// allowed refuses a word that the fact can never have: a misspelt value would make
// a condition that silently never holds.
func (c *compiler) allowed(lit *ast.StringNode, name string, s Symbol) bool {
	if s.Values != nil && !slices.Contains(s.Values, lit.Value) {
		c.fail(lit, "“%s”没有“%s”这个值，可用的有：%s", name, lit.Value, strings.Join(s.Values, "、"))
		return false
	}
	return true
}

func (c *compiler) needsGuard(n ast.Node, known []string, operator string) {
	id, ok := n.(*ast.IdentifierNode)
	if !ok {
		return
	}
	if s, ok := c.scope.Lookup(id.Value); ok && !guarded(id.Value, s, known) {
		c.fail(id, "“%s”可能未登记，用“%s”前请先写 known(%s) and …", id.Value, operator, orElse(s.Needs, id.Value))
	}
}
