package packfile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"disburse/internal/fault"
	"disburse/internal/month"
)

// Hash returns the name of a pack in the database and on signatures: the SHA-256
// of its bytes, in hex.
func Hash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// maxPack bounds a pack; the built-in one has some 30 KB.
const maxPack = 1 << 20

// Parse reads a pack into a File without checking what it says: unknown keys, wrong
// kinds of values and anything outside the plain part of YAML are problems. The
// error is Problems, or a fault for what is far too large.
func Parse(body []byte) (*File, error) { return parse(body, false) }

func parse(body []byte, stored bool) (*File, error) {
	if len(body) > maxPack {
		return nil, fault.New(fault.Invalid, "规则包超过 1 MB，不像规则包，请核对文件")
	}
	text := strings.TrimPrefix(string(body), "\ufeff")
	doc, err := readYAML(text)
	if err != nil {
		return nil, err
	}
	var file File
	d := &decoder{stored: stored}
	for _, line := range splitLines(text) {
		d.lines = append(d.lines, []rune(line))
	}
	d.decode(doc, reflect.ValueOf(&file).Elem())
	if len(d.problems) > 0 {
		return nil, sorted(d.problems)
	}
	return &file, nil
}

// decoder fills a File from YAML nodes. It is written out because a pack's errors
// need line and column, all of them at once, and YAML's liberties (floats, aliases,
// merge keys, doubled keys) must be refused.
type decoder struct {
	lines    [][]rune // of the file
	problems Problems
	stored   bool // see loadAs
}

func (d *decoder) fail(n *yaml.Node, format string, args ...any) {
	if len(d.problems) > maxProblems {
		return
	}
	d.problems = append(d.problems, Problem{d.pos(n), fmt.Sprintf(format, args...)})
}

// pos is how scalars learn their place; every scalar type has it embedded. The
// library places nothing at all, as after a last "---", on the line after the file.
func (d *decoder) pos(n *yaml.Node) Pos {
	if n.Line > len(d.lines) {
		return Pos{len(d.lines), len(d.lines[len(d.lines)-1]) + 1}
	}
	return Pos{n.Line, n.Column}
}

func (d *decoder) decode(n *yaml.Node, v reflect.Value) {
	if !d.plain(n) {
		return
	}
	if at := cutByComma(n); at != nil && !d.stored {
		d.fail(at, "“%s”在逗号处断开了：写在 { } 或 [ ] 里、含逗号的算式和条件要整条用引号括起来，如 \"max(0, 甲 - 乙)\"", at.Value)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.decode(n, v.Elem())
	case reflect.Slice:
		d.decodeSlice(n, v)
	case reflect.Struct:
		if _, scalar := v.Type().FieldByName("Pos"); scalar {
			d.decodeScalar(n, v)
			return
		}
		d.decodeStruct(n, v)
	}
}

// plain refuses what makes YAML say something else than it seems to.
func (d *decoder) plain(n *yaml.Node) bool {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		d.fail(n, "规则包不允许使用 YAML 的锚点和别名，请把内容写全")
	case n.Style&yaml.TaggedStyle != 0:
		d.fail(n, "规则包不允许使用 YAML 的标签“%s”，请去掉", n.Tag)
	default:
		return true
	}
	return false
}

// cutByComma finds, in a list or mapping on one line, a value without quotes whose
// brackets close in a later one: YAML ends it at its first comma and reads the rest as
// another element or key, so that each piece would be reported as something else.
func cutByComma(n *yaml.Node) *yaml.Node {
	if n.Style&yaml.FlowStyle == 0 {
		return nil
	}
	var open *yaml.Node
	for _, c := range n.Content {
		if c.Kind != yaml.ScalarNode || c.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
			continue
		}
		switch brackets := strings.Count(c.Value, "(") - strings.Count(c.Value, ")"); {
		case brackets > 0 && open == nil:
			open = c
		case brackets < 0 && open != nil:
			return open
		}
	}
	return nil
}

// decodeSlice reads a sequence; where an element may be written as a bare scalar,
// one element may stand without the sequence (amount: 高龄津贴标准).
func (d *decoder) decodeSlice(n *yaml.Node, v reflect.Value) {
	elem := v.Type().Elem()
	if n.Kind == yaml.ScalarNode && shorthand(elem) != "" {
		one := reflect.New(elem).Elem()
		d.decodeStruct(n, one)
		v.Set(reflect.Append(v, one))
		return
	}
	if n.Kind != yaml.SequenceNode {
		d.fail(n, "此处应为列表")
		return
	}
	// Empty is not absent: an example's lists: [] says that there are none.
	v.Set(reflect.MakeSlice(v.Type(), 0, len(n.Content)))
	for _, c := range n.Content {
		one := reflect.New(elem).Elem()
		d.decode(c, one)
		v.Set(reflect.Append(v, one))
	}
}

// shorthand names the field that a bare scalar stands for.
func shorthand(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[Clause](), reflect.TypeFor[Amount]():
		return "Is"
	case reflect.TypeFor[ExampleFact]():
		return "Fact"
	case reflect.TypeFor[Cell]():
		return "Field"
	}
	return ""
}

func (d *decoder) decodeStruct(n *yaml.Node, v reflect.Value) {
	if at := v.FieldByName("At"); at.IsValid() {
		at.Set(reflect.ValueOf(d.pos(n)))
	}
	if name := shorthand(v.Type()); name != "" && n.Kind == yaml.ScalarNode {
		d.decode(n, v.FieldByName(name))
		return
	}
	if n.Kind != yaml.MappingNode {
		d.fail(n, "此处应为“键: 值”的形式")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		field, ok := fieldOf(v, key.Value)
		switch {
		case !d.plain(key):
		case !ok:
			d.fail(key, "不认识的键“%s”，请核对拼写（可用的键见规则包说明）", key.Value)
		case seen[key.Value]:
			d.fail(key, "键“%s”重复出现，请只保留一个", key.Value)
		default:
			d.decode(value, field)
		}
		seen[key.Value] = true
	}
}

func fieldOf(v reflect.Value, key string) (reflect.Value, bool) {
	for i := range v.NumField() {
		if key != "" && v.Type().Field(i).Tag.Get("yaml") == key {
			return v.Field(i), true
		}
	}
	return reflect.Value{}, false
}

func (d *decoder) decodeScalar(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.ScalarNode {
		d.fail(n, "此处应为单个值，不是列表或“键: 值”")
		return
	}
	if _, whole := v.Addr().Interface().(*Int); n.Tag == "!!float" && !whole {
		d.fail(n, "“%s”是浮点数，不精确；请写成带引号的十进制数，如 \"%s\"", n.Value, n.Value)
		return
	}
	v.FieldByName("Pos").Set(reflect.ValueOf(d.pos(n)))
	switch s := v.Addr().Interface().(type) {
	case *Text:
		d.text(n, s)
	case *Int:
		d.whole(n, s)
	case *Bool:
		if n.Tag != "!!bool" || (n.Value != "true" && n.Value != "false") {
			d.fail(n, "“%s”应为 true 或 false", n.Value)
		}
		s.Value = n.Value == "true"
	case *Decimal:
		d.decimal(n, s)
	case *Month:
		d.month(n, s)
	case *Day:
		day, err := month.ParseDate(n.Value)
		if err != nil {
			d.fail(n, "%s", err.Error())
		}
		s.Value = day
	}
}

func (d *decoder) text(n *yaml.Node, s *Text) {
	if n.Tag != "!!str" && n.Tag != "!!int" && n.Tag != "!!timestamp" {
		d.fail(n, "“%s”应为文字，请加引号", n.Value)
		return
	}
	s.Value = strings.TrimSpace(n.Value)
	if s.places = d.placesOf(n, s.Value); len(s.places) > 0 && isBlock(n) {
		s.Pos = s.places[0] // a block text begins on the line after its mark
	}
}

var wholeNumber = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})$`)

func (d *decoder) whole(n *yaml.Node, s *Int) {
	if !wholeNumber.MatchString(n.Value) {
		d.fail(n, "“%s”应为不带符号的整数", n.Value)
		return
	}
	s.Value, _ = strconv.Atoi(n.Value)
}

var exactDecimal = regexp.MustCompile(`^(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$`)

// IsDecimal reports whether a text is an exact decimal, as packs and facts may have them.
func IsDecimal(text string) bool { return exactDecimal.MatchString(text) }

func (d *decoder) decimal(n *yaml.Node, s *Decimal) {
	if !IsDecimal(n.Value) {
		d.fail(n, "“%s”不是十进制数；请写成整数或带引号的小数，如 \"1.3\"", n.Value)
		return
	}
	s.Value = n.Value
}

var plainMonth = regexp.MustCompile(`^\d{4}-\d{2}$`)

func (d *decoder) month(n *yaml.Node, s *Month) {
	m, err := month.Parse(n.Value)
	if err != nil || !plainMonth.MatchString(n.Value) {
		d.fail(n, "“%s”不是月份，请写成 2026-11 的样子", n.Value)
		return
	}
	s.Value = m
}
