package diff

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"disburse/internal/policy/packfile"
)

// Difference is one thing that two packs say differently, for people who do not read
// packs.
type Difference struct {
	Part     string `json:"part"`    // 标准, 项目, 情况 …: the part of the pack
	Subject  string `json:"subject"` // the name or the code within the part; empty: the part as a whole
	Sentence string `json:"text"`    // Chinese, complete in itself
}

// Files says in Chinese sentences what b says otherwise than a, in the order of a pack.
// A pack compared with itself gives nothing; any other value, however small, gives a
// sentence. Comments and the way of writing are no difference.
func Files(a, b *packfile.File) []Difference {
	d := &differ{}
	va, vb := reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem()
	for _, f := range keysOf(va.Type()) {
		key, i := f.key, f.index
		d.part = labelOf("File", key)
		before := len(d.found)
		switch key {
		case "rates":
			d.rates(a.Rates, b.Rates)
		case "derived":
			d.derived(a.Derived, b.Derived)
		case "items":
			d.items(a.Items, b.Items)
		case "examples":
			d.examples(a.Examples, b.Examples)
		default:
			d.value("", d.part, va.Field(i), vb.Field(i))
		}
		if len(d.found) == before && !same(va.Field(i), vb.Field(i)) {
			d.say("", "%s的写法有改动，所规定的没有变", d.part)
		}
	}
	return d.found
}

// differ gathers the differences of one part after the other.
type differ struct {
	part  string
	found []Difference
}

func (d *differ) say(subject, format string, args ...any) {
	d.found = append(d.found, Difference{d.part, subject, fmt.Sprintf(format, args...)})
}

// value compares any two values of one type. what names them in a sentence.
func (d *differ) value(subject, what string, a, b reflect.Value) {
	switch {
	case same(a, b):
	case isScalar(a.Type()):
		d.say(subject, "%s由%s改为%s", what, quoted(scalar(a)), quoted(scalar(b)))
	case a.Kind() == reflect.Pointer:
		d.pointer(subject, what, a, b)
	case a.Kind() == reflect.Struct:
		d.fields(subject, what, a, b)
	case a.Type().Elem() == reflect.TypeFor[packfile.Text]():
		d.texts(subject, what, a, b)
	default:
		d.list(subject, what, a, b)
	}
}

func (d *differ) pointer(subject, what string, a, b reflect.Value) {
	switch {
	case a.IsNil():
		d.say(subject, "新增%s：%s", what, summary(b.Elem()))
	case b.IsNil():
		d.say(subject, "取消%s（原为：%s）", what, summary(a.Elem()))
	default:
		d.fields(subject, what, a.Elem(), b.Elem())
	}
}

// fields compares two structs key by key.
func (d *differ) fields(subject, what string, a, b reflect.Value) {
	for _, f := range keysOf(a.Type()) {
		d.value(subject, what+"的"+labelOf(a.Type().Name(), f.key), a.Field(f.index), b.Field(f.index))
	}
}

// texts compares two lists of words.
func (d *differ) texts(subject, what string, a, b reflect.Value) {
	was, is := a.Interface().([]packfile.Text), b.Interface().([]packfile.Text)
	has := func(all []packfile.Text, t packfile.Text) bool {
		return slices.ContainsFunc(all, func(o packfile.Text) bool { return o.Value == t.Value })
	}
	var gone, came []string
	for _, t := range was {
		if !has(is, t) {
			gone = append(gone, t.Value)
		}
	}
	for _, t := range is {
		if !has(was, t) {
			came = append(came, t.Value)
		}
	}
	switch {
	case len(gone) > 0 && len(came) > 0:
		d.say(subject, "%s去掉 %s，增加 %s", what, strings.Join(gone, "、"), strings.Join(came, "、"))
	case len(gone) > 0:
		d.say(subject, "%s去掉 %s", what, strings.Join(gone, "、"))
	case len(came) > 0:
		d.say(subject, "%s增加 %s", what, strings.Join(came, "、"))
	default:
		d.say(subject, "%s的次序改变，现为 %s", what, packfile.JoinTexts(is))
	}
}

// list compares two lists of structs: by name where they have one, else by place.
func (d *differ) list(subject, what string, a, b reflect.Value) {
	was, is := named(a), named(b)
	if len(was) != a.Len() || len(is) != b.Len() {
		d.places(subject, what, a, b)
		return
	}
	called := func(name string) string {
		s := what + "“" + name + "”"
		if subject == "" {
			s = strings.TrimSuffix(what, "表") + "“" + name + "”"
		}
		return s
	}
	own := func(name string) string {
		if subject != "" {
			return subject
		}
		return name
	}
	for i, name := range was {
		if !slices.Contains(is, name) {
			d.say(own(name), "去掉%s（原为：%s）", called(name), summary(a.Index(i)))
		}
	}
	for i, name := range is {
		at := slices.Index(was, name)
		if at < 0 {
			d.say(own(name), "新增%s：%s", called(name), summary(b.Index(i)))
			continue
		}
		d.value(own(name), called(name), a.Index(at), b.Index(i))
	}
	if sameSet(was, is) && !slices.Equal(was, is) {
		d.say(subject, "%s的次序改变，现为 %s", what, strings.Join(is, "、"))
	}
}

// places compares lists whose members have no names.
func (d *differ) places(subject, what string, a, b reflect.Value) {
	for i := range max(a.Len(), b.Len()) {
		which := fmt.Sprintf("%s第 %d 项", what, i+1)
		switch {
		case i >= a.Len():
			d.say(subject, "新增%s：%s", which, summary(b.Index(i)))
		case i >= b.Len():
			d.say(subject, "去掉%s（原为：%s）", which, summary(a.Index(i)))
		default:
			d.value(subject, which, a.Index(i), b.Index(i))
		}
	}
}

// examples are no rules: it is enough to know which cases are others.
func (d *differ) examples(a, b []packfile.Example) {
	find := func(all []packfile.Example, name string) *packfile.Example {
		i := slices.IndexFunc(all, func(e packfile.Example) bool { return e.Name.Value == name })
		if i < 0 {
			return nil
		}
		return &all[i]
	}
	for i := range a {
		if find(b, a[i].Name.Value) == nil {
			d.say(a[i].Name.Value, "去掉例子“%s”", a[i].Name.Value)
		}
	}
	for i := range b {
		name := b[i].Name.Value
		switch was := find(a, name); {
		case was == nil:
			d.say(name, "新增例子“%s”：%s", name, b[i].Why.Value)
		case !sameAs(was, &b[i]):
			d.say(name, "例子“%s”的内容有改动", name)
		}
	}
}

func sameSet(a, b []string) bool {
	x, y := slices.Clone(a), slices.Clone(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

func quoted(s string) string {
	if s == "" {
		return "（未写）"
	}
	return "“" + s + "”"
}
