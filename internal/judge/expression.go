package judge

import (
	"fmt"

	"github.com/expr-lang/expr/ast"
	"github.com/shopspring/decimal"
)

// view is what an expression sees: one person in one month, facts read in one way.
type view struct {
	j       *Judge
	person  *subject
	month   calendarMonth
	reads   string
	granted func(code string) (decimal.Decimal, error)
}

// condition evaluates the text of a condition.
func (v *view) condition(source string) (bool, error) {
	got, err := v.value(source)
	if err != nil {
		return false, err
	}
	return got.truth()
}

// number evaluates the text of a number, in 元.
func (v *view) number(source string) (decimal.Decimal, error) {
	got, err := v.value(source)
	if err != nil {
		return decimal.Decimal{}, err
	}
	return got.amount()
}

func (v *view) value(source string) (value, error) {
	tree, ok := v.j.trees[source]
	if !ok {
		return value{}, fmt.Errorf("judge: expression %q was not parsed", source)
	}
	return v.eval(tree)
}

func (v *view) eval(node ast.Node) (value, error) {
	switch n := node.(type) {
	case *ast.IntegerNode:
		return numberValue(decimal.NewFromInt(int64(n.Value))), nil
	case *ast.StringNode:
		return value{kind: text, text: n.Value}, nil
	case *ast.IdentifierNode:
		return v.named(n.Value)
	case *ast.ArrayNode:
		return v.list(n)
	case *ast.UnaryNode:
		return v.unary(n)
	case *ast.BinaryNode:
		return v.binary(n)
	case *ast.BuiltinNode:
		return v.extreme(n)
	case *ast.CallNode:
		return v.call(n)
	}
	return value{}, fmt.Errorf("judge: %q is not part of the language", node.String())
}

func (v *view) list(n *ast.ArrayNode) (value, error) {
	list := value{kind: texts}
	for _, e := range n.Nodes {
		s, ok := e.(*ast.StringNode)
		if !ok {
			return value{}, fmt.Errorf("judge: %q is not a list of texts", n.String())
		}
		list.texts = append(list.texts, s.Value)
	}
	return list, nil
}

func (v *view) unary(n *ast.UnaryNode) (value, error) {
	if n.Operator != "not" && n.Operator != "!" {
		return value{}, fmt.Errorf("judge: %q is not part of the language", n.String())
	}
	inner, err := v.evalCondition(n.Node)
	return flagValue(!inner), err
}

func (v *view) evalCondition(n ast.Node) (bool, error) {
	got, err := v.eval(n)
	if err != nil {
		return false, err
	}
	return got.truth()
}

func (v *view) binary(n *ast.BinaryNode) (value, error) {
	switch n.Operator {
	case "and", "&&", "or", "||":
		return v.connective(n)
	}
	left, err := v.eval(n.Left)
	if err != nil {
		return value{}, err
	}
	right, err := v.eval(n.Right)
	if err != nil {
		return value{}, err
	}
	switch n.Operator {
	case "+", "-", "*":
		return arithmetic(n.Operator, left, right)
	}
	holds, err := compare(n.Operator, left, right)
	return flagValue(holds), err
}

// connective looks at the right side only when the left does not decide.
func (v *view) connective(n *ast.BinaryNode) (value, error) {
	left, err := v.evalCondition(n.Left)
	if err != nil {
		return value{}, err
	}
	isOr := n.Operator == "or" || n.Operator == "||"
	if left == isOr {
		return flagValue(left), nil
	}
	right, err := v.evalCondition(n.Right)
	return flagValue(right), err
}

func compare(operator string, left, right value) (bool, error) {
	switch operator {
	case "==":
		return equal(left, right)
	case "!=":
		same, err := equal(left, right)
		return !same, err
	case "<":
		return less(left, right, false)
	case "<=":
		return less(left, right, true)
	case ">":
		return less(right, left, false)
	case ">=":
		return less(right, left, true)
	case "in":
		return contains(left, right)
	}
	return false, fmt.Errorf("judge: operator %q is not part of the language", operator)
}

func arithmetic(operator string, left, right value) (value, error) {
	a, err := left.amount()
	if err != nil {
		return value{}, err
	}
	b, err := right.amount()
	if err != nil {
		return value{}, err
	}
	switch operator {
	case "+":
		return numberValue(a.Add(b)), nil
	case "-":
		return numberValue(a.Sub(b)), nil
	default:
		return numberValue(a.Mul(b)), nil
	}
}

// extreme is min(…) and max(…).
func (v *view) extreme(n *ast.BuiltinNode) (value, error) {
	if (n.Name != "min" && n.Name != "max") || len(n.Arguments) == 0 {
		return value{}, fmt.Errorf("judge: %q is not part of the language", n.String())
	}
	var best decimal.Decimal
	for i, argument := range n.Arguments {
		got, err := v.eval(argument)
		if err != nil {
			return value{}, err
		}
		d, err := got.amount()
		if err != nil {
			return value{}, err
		}
		if i == 0 || (n.Name == "max" && d.GreaterThan(best)) || (n.Name == "min" && d.LessThan(best)) {
			best = d
		}
	}
	return numberValue(best), nil
}

// call is known(x) and granted("13").
func (v *view) call(n *ast.CallNode) (value, error) {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if ok && len(n.Arguments) == 1 {
		switch argument := n.Arguments[0].(type) {
		case *ast.IdentifierNode:
			if callee.Value == "known" {
				return v.known(argument.Value)
			}
		case *ast.StringNode:
			if callee.Value == "granted" {
				amount, err := v.granted(argument.Value)
				return numberValue(amount), err
			}
		}
	}
	return value{}, fmt.Errorf("judge: %q is not part of the language", n.String())
}
