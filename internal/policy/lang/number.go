package lang

import (
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/shopspring/decimal"

	"disburse/internal/fault"
)

type numFunc = func(Env) (decimal.Decimal, error)

func zero(Env) (decimal.Decimal, error) { return decimal.Zero, nil }

// number compiles an exact decimal.
func (c *compiler) number(n ast.Node, known []string) numFunc {
	switch n := n.(type) {
	case *ast.IntegerNode:
		d := decimal.New(int64(n.Value), 0)
		return func(Env) (decimal.Decimal, error) { return d, nil }
	case *ast.IdentifierNode:
		return c.numberName(n, known)
	case *ast.BinaryNode:
		return c.arithmetic(n, known)
	case *ast.BuiltinNode:
		if n.Name == "min" || n.Name == "max" {
			return c.extreme(n, known)
		}
		c.fail(n, "不支持函数“%s”，可用 min 和 max", n.Name)
	case *ast.CallNode:
		if callee(n) == "granted" {
			return c.granted(n)
		}
		c.fail(n, "不支持函数“%s”，可用 min、max、granted(\"项目\")", callee(n))
	case *ast.UnaryNode:
		c.fail(n, "数值前不能写“%s”；要减请写 甲 - 乙", n.Operator)
	default:
		c.fail(n, "此处应为数值，不是%s", orElse(c.typeOf(n).String(), "这种写法"))
	}
	return zero
}

func (c *compiler) numberName(n *ast.IdentifierNode, known []string) numFunc {
	s, ok := c.symbol(n)
	if !ok || !c.expect(n, s, Number) {
		return zero
	}
	if !guarded(n.Value, s, known) {
		c.fail(n, "“%s”可能未登记，用于计算前请先写 known(%s)，或列入 needs", n.Value, orElse(s.Needs, n.Value))
		return zero
	}
	if n.Value == AgeName && !c.comparedHere(n) {
		c.expr.AgeOnlyCompared = false
	}
	slot := s.Slot
	return func(env Env) (decimal.Decimal, error) {
		v, err := env.Value(slot)
		return v.Num, err
	}
}

// comparedHere reports whether this very use of the age was noted by noteAge: as
// many notes as uses so far.
func (c *compiler) comparedHere(n *ast.IdentifierNode) bool {
	c.expr.ageUses++
	return c.expr.ageUses <= len(c.expr.Ages)
}

func (c *compiler) arithmetic(n *ast.BinaryNode, known []string) numFunc {
	op, ok := operations[n.Operator]
	if !ok {
		c.fail(n, "不支持运算符“%s”，计算中可用 + - *", n.Operator)
		return zero
	}
	if looksLikeItem(n) {
		c.fail(n, "两个数字相减不是项目编号；编号要写在引号里，如 granted(\"18-1\")")
		return zero
	}
	left, right := c.number(n.Left, known), c.number(n.Right, known)
	return func(env Env) (decimal.Decimal, error) {
		a, err := left(env)
		if err != nil {
			return a, err
		}
		b, err := right(env)
		if err != nil {
			return b, err
		}
		return op(a, b)
	}
}

var operations = map[string]func(a, b decimal.Decimal) (decimal.Decimal, error){
	"+": func(a, b decimal.Decimal) (decimal.Decimal, error) { return a.Add(b), nil },
	"-": func(a, b decimal.Decimal) (decimal.Decimal, error) { return a.Sub(b), nil },
	"*": times,
}

// maxDigits bounds a product. Exact decimals grow with every multiplication; names
// that square one another would otherwise fill the memory.
const maxDigits = 100

// times multiplies; it fails with fault.Invalid where the product has more than
// maxDigits digits.
func times(a, b decimal.Decimal) (decimal.Decimal, error) {
	if a.NumDigits()+b.NumDigits() > maxDigits || a.Exponent()+b.Exponent() < -maxDigits {
		return decimal.Zero, fault.New(fault.Invalid, "规则包的算式乘出超过 %d 位的数，请检查相乘的标准和派生名称", maxDigits)
	}
	return a.Mul(b), nil
}

// looksLikeItem finds 18-1 written without quotation marks.
func looksLikeItem(n *ast.BinaryNode) bool {
	left, ok1 := n.Left.(*ast.IntegerNode)
	right, ok2 := n.Right.(*ast.IntegerNode)
	return n.Operator == "-" && ok1 && ok2 && left.Value > right.Value && right.Value > 0
}

func (c *compiler) extreme(n *ast.BuiltinNode, known []string) numFunc {
	if len(n.Arguments) < 2 {
		c.fail(n, "%s 至少要两个数", n.Name)
		return zero
	}
	var args []numFunc
	for _, a := range n.Arguments {
		args = append(args, c.number(a, known))
	}
	sign := 1
	if n.Name == "min" {
		sign = -1
	}
	return func(env Env) (decimal.Decimal, error) {
		best, err := args[0](env)
		if err != nil {
			return best, err
		}
		for _, arg := range args[1:] {
			v, err := arg(env)
			if err != nil {
				return v, err
			}
			if v.Cmp(best)*sign > 0 {
				best = v
			}
		}
		return best, nil
	}
}

// askedWrongly says why granted() may not ask about an item.
var askedWrongly = map[Asking]string{
	NeverHere:   "此处不能写 granted(\"%s\")：它只能写在项目的 when、unless、pay.when 和 amount 的 is 里",
	UnknownItem: "granted 引用的项目“%s”不在清单里，请核对编号",
	PaysNothing: "granted 引用的项目“%s”不发钱，只能问发钱的项目",
	AsksItself:  "granted 不能问本项目“%s”自己",
}

func (c *compiler) granted(n *ast.CallNode) numFunc {
	var code string
	if len(n.Arguments) == 1 {
		if lit, ok := n.Arguments[0].(*ast.StringNode); ok {
			code = lit.Value
		}
	}
	if code == "" {
		c.fail(n, "granted 要写一个带引号的项目编号，如 granted(\"18-1\")")
		return zero
	}
	if a := c.scope.Asks(code); a != MayAsk {
		c.fail(n, askedWrongly[a], code)
		return zero
	}
	if !slices.Contains(c.expr.Items, code) {
		c.expr.Items = append(c.expr.Items, code)
	}
	return func(env Env) (decimal.Decimal, error) { return env.Granted(code) }
}
