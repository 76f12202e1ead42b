package lang

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

// maxSource bounds an expression, in characters. The parser walks brackets by
// recursion: without a bound a hostile pack could exhaust the stack, which ends the
// program and cannot be caught. Real expressions have a tenth of it.
const maxSource = 4000

// Compile parses and checks an expression. known lists names that are certainly
// known where it stands (guards in lines before it). want is the type it must have,
// Bool or Number; 0 lets the expression decide.
func Compile(source string, scope Scope, known []string, want Type) (*Expr, []Error) {
	if utf8.RuneCountInString(source) > maxSource {
		return nil, []Error{{1, 1, fmt.Sprintf("表达式超过 %d 个字，请拆成几个派生名称", maxSource)}}
	}
	if errs := spellings(source); len(errs) > 0 {
		return nil, errs
	}
	tree, err := parser.Parse(source)
	if err != nil {
		return nil, []Error{syntaxError(source, err)}
	}
	c := &compiler{scope: scope, source: source, expr: &Expr{Source: source, Type: want, AgeOnlyCompared: true}}
	if want == 0 {
		want = max(c.typeOf(tree.Node), Bool)
		c.expr.Type = want
	}
	switch want {
	case Text, Texts:
		c.fail(tree.Node, "此处应为条件或数值，不是%s", want)
	case Bool:
		var knows []string
		c.expr.cond, knows = c.cond(tree.Node, known)
		c.expr.Knows = knows
	case Number:
		c.expr.num = c.number(tree.Node, known)
	}
	if len(c.errs) > 0 {
		return nil, c.errs
	}
	if want == Number {
		c.expr.made = c.takeApart(tree.Node, known)
	}
	return c.expr, nil
}

// compiler walks one expression and gathers its errors; functions it returns are
// used only when there are none.
type compiler struct {
	scope  Scope
	source string
	expr   *Expr
	errs   []Error
}

func (c *compiler) fail(n ast.Node, format string, args ...any) {
	line, col := place(c.source, n.Location().From)
	c.errs = append(c.errs, Error{line, col, fmt.Sprintf(format, args...)})
}

// place turns a character offset into line and column.
func place(source string, offset int) (line, col int) {
	line, col = 1, 1
	for i, r := range []rune(source) {
		if i == offset {
			break
		}
		col++
		if r == '\n' {
			line, col = line+1, 1
		}
	}
	return line, col
}

func syntaxError(source string, err error) Error {
	var at *file.Error
	if errors.As(err, &at) {
		line, col := place(source, at.From)
		return Error{line, col, "表达式写法有误，请核对括号、引号和运算符"}
	}
	return Error{1, 1, "表达式写法有误，请核对括号、引号和运算符"}
}

// refused are spellings that the parser takes but that say something else than they
// seem to, or that have no place in a rule. Strings are blanked out before the search.
// Where a pattern has a group, the group is what is refused: the rest tells a number
// from digits within a name.
var refused = []struct {
	pattern  *regexp.Regexp
	sentence string
}{
	{regexp.MustCompile(`//|/\*|#`), "表达式里不能写注释"},
	{regexp.MustCompile("`"), "文字请用双引号"},
	{regexp.MustCompile(`'`), "文字请用双引号"},
	{regexp.MustCompile(`&&`), "请用 and"},
	{regexp.MustCompile(`\|\|`), "请用 or"},
	{regexp.MustCompile(`(?:^|[^|])(\|)(?:[^|]|$)`), "不支持“|”"},
	{regexp.MustCompile(`::`), "不支持“::”"},
	{regexp.MustCompile(`!(?:[^=]|$)`), "请用 not"},
	{regexp.MustCompile(`;`), "一处只能写一个表达式"},
	{regexp.MustCompile(`(?:^|[^\p{L}\p{N}_])([0-9][0-9_]*(?:\.(?:[^.]|$)|[_xXbBoOeE]))`), "数字只能是十进制整数；小数请写成标准（rates）再用名称引用"},
	{regexp.MustCompile(`(?:^|[^\p{L}\p{N}_.])(0[0-9])`), "整数不能以 0 开头"},
	{regexp.MustCompile(`(?:^|[^\p{L}\p{N}_.])(\.[0-9])`), "数字只能是十进制整数；小数请写成标准（rates）再用名称引用"},
	{regexp.MustCompile(`\?|\.\.`), "不支持条件和区间写法"},
	{regexp.MustCompile(`[\p{L}\p{N}_"]+\s*(?:==|!=|<=?|>=?)\s*[\p{L}\p{N}_"]+\s*(?:==|!=|<=?|>=?)`), chained},
}

// chained also answers what the pattern cannot see: (a) < b < c.
const chained = "不能连续比较，请拆成两个条件用 and 连接"

var quoted = regexp.MustCompile(`"(\\.|[^"\\])*"`)

func spellings(source string) []Error {
	if strings.TrimSpace(source) == "" {
		return []Error{{1, 1, "表达式是空的"}}
	}
	bare := quoted.ReplaceAllStringFunc(source, func(s string) string {
		return `"` + strings.Repeat("x", len([]rune(s))-2) + `"`
	})
	var errs []Error
	for _, r := range refused {
		if at := r.pattern.FindStringSubmatchIndex(bare); at != nil {
			start := at[len(at)-2] // of the group, or of the whole
			line, col := place(source, utf8.RuneCountInString(bare[:start]))
			errs = append(errs, Error{line, col, r.sentence})
		}
	}
	return errs
}

// symbol resolves a name and notes its use.
func (c *compiler) symbol(n *ast.IdentifierNode) (Symbol, bool) {
	s, ok := c.scope.Lookup(n.Value)
	if !ok {
		c.fail(n, "不认识的名称“%s”，请核对事实、标准和派生名称", n.Value)
		return Symbol{}, false
	}
	if !slices.Contains(c.expr.Names, n.Value) {
		c.expr.Names = append(c.expr.Names, n.Value)
	}
	return s, true
}

// guarded reports whether an optional name is certainly known here.
func guarded(name string, s Symbol, known []string) bool {
	if !s.Optional {
		return true
	}
	return slices.Contains(known, name) || (s.Needs != "" && slices.Contains(known, s.Needs))
}

// typeOf finds what a node will be without compiling it, to choose the operator.
func (c *compiler) typeOf(n ast.Node) Type {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		s, _ := c.scope.Lookup(n.Value)
		return s.Type
	case *ast.StringNode:
		return Text
	case *ast.IntegerNode:
		return Number
	case *ast.UnaryNode:
		if n.Operator == "-" || n.Operator == "+" {
			return Number
		}
		return Bool
	case *ast.BinaryNode:
		if slices.Contains([]string{"+", "-", "*", "/", "%", "^", "**"}, n.Operator) {
			return Number
		}
		return Bool
	case *ast.BuiltinNode:
		return Number
	case *ast.CallNode:
		if callee(n) == "known" {
			return Bool
		}
		return Number
	}
	return 0
}

func callee(n *ast.CallNode) string {
	if id, ok := n.Callee.(*ast.IdentifierNode); ok {
		return id.Value
	}
	return ""
}

// NamesIn lists the identifiers of an expression, as far as it can be parsed: for
// finding out in which order named expressions must be compiled.
func NamesIn(source string) []string {
	if utf8.RuneCountInString(source) > maxSource {
		return nil
	}
	tree, err := parser.Parse(source)
	if err != nil {
		return nil
	}
	found := &identifiers{}
	ast.Walk(&tree.Node, found)
	return found.names
}

type identifiers struct{ names []string }

// Visit implements ast.Visitor.
func (v *identifiers) Visit(n *ast.Node) {
	if id, ok := (*n).(*ast.IdentifierNode); ok && !slices.Contains(v.names, id.Value) {
		v.names = append(v.names, id.Value)
	}
}
