package diff

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"

	"github.com/shopspring/decimal"

	"disburse/internal/month"
	"disburse/internal/policy/packfile"
)

// rates compares the rates by what holds in which months, however it is written.
func (d *differ) rates(a, b []packfile.Rate) {
	find := func(all []packfile.Rate, name string) *packfile.Rate {
		i := slices.IndexFunc(all, func(r packfile.Rate) bool { return r.Name.Value == name })
		if i < 0 {
			return nil
		}
		return &all[i]
	}
	for i := range a {
		if r := &a[i]; find(b, r.Name.Value) == nil {
			d.say(r.Name.Value, "去掉标准“%s”（%s）", r.Name.Value, rateText(r))
		}
	}
	for i := range b {
		r := &b[i]
		was := find(a, r.Name.Value)
		if was == nil {
			d.say(r.Name.Value, "新增标准“%s”：%s", r.Name.Value, rateText(r))
			continue
		}
		before := len(d.found)
		d.rate(was, r)
		if len(d.found) == before && !sameAs(was, r) {
			d.say(r.Name.Value, "标准“%s”的写法有改动，各月的值没有变", r.Name.Value)
		}
	}
}

func (d *differ) rate(a, b *packfile.Rate) {
	name := b.Name.Value
	what := "标准“" + name + "”"
	d.value(name, what+"的单位", reflect.ValueOf(a.Unit), reflect.ValueOf(b.Unit))
	d.value(name, what+"的划分依据", reflect.ValueOf(a.By), reflect.ValueOf(b.By))
	for _, when := range cases(a, b) {
		for _, s := range spans(valuesOf(a, when), valuesOf(b, when)) {
			d.say(name, "%s%s", what+caseText(b, when), s.sentence(a.Unit.Value, b.Unit.Value))
		}
		for _, v := range valuesOf(b, when) {
			d.rateRest(what+caseText(b, when), name, valuesOf(a, when), v)
		}
	}
}

// rateRest compares what stands beside a value: floor, source, 待核定.
func (d *differ) rateRest(what, name string, was []*packfile.RateValue, v *packfile.RateValue) {
	i := slices.IndexFunc(was, func(o *packfile.RateValue) bool { return o.From.Value == v.From.Value })
	if i < 0 {
		return
	}
	o := was[i]
	what += v.From.Value.Chinese() + "起的值"
	d.value(name, what+"的下限", reflect.ValueOf(o.Floor), reflect.ValueOf(v.Floor))
	if sameNumber(o.Value.Value, v.Value.Value) { // else the new source is said with the new value
		d.value(name, what+"的依据", reflect.ValueOf(o.Source), reflect.ValueOf(v.Source))
	}
	switch was, is := o.Unconfirmed.Value, v.Unconfirmed.Value; {
	case was != "" && is == "":
		d.say(name, "%s不再是待核定（原为：%s）", what, was)
	case was == "" && is != "":
		d.say(name, "%s改为待核定：%s", what, is)
	default:
		d.value(name, what+"的待核定说明", reflect.ValueOf(o.Unconfirmed), reflect.ValueOf(v.Unconfirmed))
	}
}

// valuesOf are the values of one case of a rate by month.
func valuesOf(r *packfile.Rate, when string) []*packfile.RateValue {
	var all []*packfile.RateValue
	for i := range r.Values {
		if r.Values[i].When.Value == when {
			all = append(all, &r.Values[i])
		}
	}
	slices.SortStableFunc(all, func(x, y *packfile.RateValue) int { return cmp.Compare(x.From.Value, y.From.Value) })
	return all
}

func cases(a, b *packfile.Rate) []string {
	var all []string
	for _, r := range []*packfile.Rate{b, a} {
		for i := range r.Values {
			if when := r.Values[i].When.Value; !slices.Contains(all, when) {
				all = append(all, when)
			}
		}
	}
	return all
}

func caseText(r *packfile.Rate, when string) string {
	if when == "" {
		return ""
	}
	low, top, ok := packfile.AgeBand(when)
	switch {
	case ok && top < 0:
		return fmt.Sprintf("（%d 周岁及以上）", low)
	case ok:
		return fmt.Sprintf("（%d 至 %d 周岁）", low, top)
	case when == packfile.Yes || when == packfile.No:
		return "（" + r.By.Value + "：" + when + "）"
	}
	return "（" + when + "）"
}

// inMonth is the value in force in a month, nil for none.
func inMonth(values []*packfile.RateValue, m month.Month) *packfile.RateValue {
	var found *packfile.RateValue
	for _, v := range values {
		if v.From.Value <= m {
			found = v
		}
	}
	if found != nil && found.To.Value != 0 && found.To.Value < m {
		return nil
	}
	return found
}

// span is a stretch of months in which a rate has another value than before.
type span struct {
	from, to month.Month // to 0: open
	was, is  *packfile.RateValue
}

// spans lists where two histories of one case differ.
func spans(a, b []*packfile.RateValue) []span {
	var turns []month.Month
	for _, v := range slices.Concat(a, b) {
		turns = append(turns, v.From.Value)
		if v.To.Value != 0 {
			turns = append(turns, v.To.Value+1)
		}
	}
	slices.Sort(turns)
	turns = slices.Compact(turns)
	var all []span
	for i, from := range turns {
		s := span{from: from, was: inMonth(a, from), is: inMonth(b, from)}
		if i+1 < len(turns) {
			s.to = turns[i+1] - 1
		}
		if sameValue(s.was, s.is) {
			continue
		}
		if n := len(all); n > 0 && all[n-1].to == s.from-1 && sameValue(all[n-1].was, s.was) && sameValue(all[n-1].is, s.is) {
			all[n-1].to = s.to
			continue
		}
		all = append(all, s)
	}
	return all
}

func sameValue(a, b *packfile.RateValue) bool {
	if a == nil || b == nil {
		return a == b
	}
	return sameNumber(a.Value.Value, b.Value.Value)
}

// sameNumber compares two decimals by value: 70 and 70.0 are one.
func sameNumber(a, b string) bool {
	x, errX := decimal.NewFromString(a)
	y, errY := decimal.NewFromString(b)
	if errX != nil || errY != nil {
		return a == b
	}
	return x.Equal(y)
}

func (s *span) sentence(unitWas, unitIs string) string {
	months := "自" + s.from.Chinese() + "起"
	switch s.to {
	case 0:
	case s.from:
		months = s.from.Chinese()
	default:
		months = s.from.Chinese() + "至" + s.to.Chinese()
	}
	switch {
	case s.is == nil:
		return fmt.Sprintf("%s不再有值（原为 %s %s）", months, s.was.Value.Value, unitWas)
	case s.was == nil:
		return fmt.Sprintf("%s定为 %s %s（此前无值）%s", months, s.is.Value.Value, unitIs, grounds(s.is))
	}
	return fmt.Sprintf("%s由 %s %s改为 %s %s%s", months, s.was.Value.Value, unitWas, s.is.Value.Value, unitIs, grounds(s.is))
}

// grounds are the source of a value and why it is not yet certain.
func grounds(v *packfile.RateValue) string {
	s := ""
	if v.Source.Value != "" {
		s += "，依据：" + v.Source.Value
	}
	if v.Unconfirmed.Value != "" {
		s += "，待核定：" + v.Unconfirmed.Value
	}
	return s
}

func rateText(r *packfile.Rate) string {
	s := ""
	for i := range r.Values {
		v := &r.Values[i]
		if i > 0 {
			s += "；"
		}
		s += fmt.Sprintf("%s自%s起 %s %s%s", caseText(r, v.When.Value), v.From.Value.Chinese(), v.Value.Value, r.Unit.Value, grounds(v))
	}
	return s
}
