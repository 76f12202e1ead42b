package read

import (
	"fmt"
	"slices"
	"strings"

	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/roster/clean"
	"disburse/internal/roster/layout"
)

// readFact takes in a row of 情况.
func (r *reader) readFact(rec *record) {
	id := rec.whose(layout.ColFactID)
	name := rec.word(layout.ColFact)
	rec.require(layout.ColFact, name)
	n, known := r.words.facts[name]
	if name != "" && !known {
		rec.refuse(layout.ColFact, "规则包里没有这种情况，请从模板的下拉列表选择；"+reasonWhole)
	}
	e := entry[roster.Fact]{sheet: int32(rec.sheet), row: int32(rec.row)}
	r.readPeriod(rec, &e, n, known, roster.BirthOf(id))
	e.value.Basis = r.texts.one(rec.basis(layout.ColFactBasis))
	if id == "" || !known {
		return // of nobody, or of nothing that has a history
	}
	e.person, e.kind, e.bad = r.person(id), int32(n), rec.bad
	e.value.Name = r.words.Facts[n].Name
	*r.facts.next() = e
}

// person numbers an ID number without keeping the row alive that it came in.
func (r *reader) person(id string) int32 {
	if n, ok := r.ids.numbers[id]; ok {
		return n
	}
	return r.ids.number(strings.Clone(id))
}

// readPeriod reads value, 起 and 止.
func (r *reader) readPeriod(rec *record, e *entry[roster.Fact], fact int, known bool, birth month.Date) {
	if known {
		e.value.Value, e.none = r.factValue(rec, fact)
	}
	if e.none {
		rec.date(layout.ColSince) // what is no date is told all the same
		rec.date(layout.ColUntil)
		return
	}
	since, until := r.afterBirth(rec, layout.ColSince, birth), rec.date(layout.ColUntil)
	r.notFarAhead(rec, layout.ColSince, since)
	if !rec.filled[layout.ColSince] {
		rec.refuse(layout.ColSince, "不能为空（只有值为“无”时可空）")
	}
	if until != 0 && until < since {
		rec.refuse(layout.ColUntil, fmt.Sprintf("早于起 %s，请核对", since))
	}
	e.value.Since, e.value.Until = since, until
	e.from, e.to = int32(since), int32(until)
	if until == 0 {
		e.to = forever
	}
}

// factValue reads 值 by the fact's type; none is true for 无.
func (r *reader) factValue(rec *record, fact int) (value string, none bool) {
	kind := &r.words.Facts[fact]
	if kind.Type == roster.Amount {
		return r.amountValue(rec)
	}
	text := rec.line(layout.ColValue)
	if text == "" {
		rec.require(layout.ColValue, text)
		return "", false
	}
	word := clean.Squeeze(text)
	switch {
	case word == layout.None:
		return "", true
	case kind.Type == roster.Text:
		return r.texts.one(text), false
	case kind.Type == roster.Flag:
		return flagValue(rec, word), false
	case kind.Type == roster.Choice:
		return r.choiceValue(rec, fact, word), false
	}
	return r.choicesValue(rec, fact, word), false
}

func (r *reader) amountValue(rec *record) (value string, none bool) {
	if rec.filled[layout.ColValue] && clean.Squeeze(rec.cells[layout.ColValue].Text) == layout.None {
		return "", true
	}
	rec.require(layout.ColValue, "")
	fen, ok := rec.amount(layout.ColValue)
	if !ok {
		return "", false
	}
	return r.texts.one(fen.String()), false
}

func flagValue(rec *record, word string) string {
	if word == layout.Yes {
		return layout.Yes
	}
	reason := "这种情况的值只能写“是”；从未有过的写“无”，已经结束的填止"
	if word == "否" {
		reason = "不能写“否”：从未有过的写“无”，已经结束的填止"
	}
	rec.refuse(layout.ColValue, reason)
	return ""
}

func (r *reader) choiceValue(rec *record, fact int, word string) string {
	if n, ok := r.words.values[fact][word]; ok {
		return r.words.Facts[fact].Values[n]
	}
	rec.refuse(layout.ColValue, "只能是 "+strings.Join(r.words.Facts[fact].Values, "、")+" 之一")
	return ""
}

// choicesValue reads several values at once and puts them in the pack's order.
func (r *reader) choicesValue(rec *record, fact int, word string) string {
	values := r.words.Facts[fact].Values
	var found []int
	for part := range strings.FieldsFuncSeq(word, func(c rune) bool { return strings.ContainsRune("、,，/;；", c) }) {
		n, ok := r.words.values[fact][part]
		if !ok {
			rec.refuse(layout.ColValue, "只能是 "+strings.Join(values, "、")+" 中的一个或几个，用“、”连接")
			return ""
		}
		found = append(found, n)
	}
	if len(found) == 0 {
		rec.refuse(layout.ColValue, reasonEmpty)
		return ""
	}
	slices.Sort(found)
	var names []string
	for _, n := range slices.Compact(found) {
		names = append(names, values[n])
	}
	return r.texts.one(strings.Join(names, "、"))
}

// finishFacts turns the rows of 情况 into histories.
func (r *reader) finishFacts() {
	settle(r, r.facts.join(), historyRules{
		unit: "同一人同一情况", noneCol: layout.Facts.Columns[layout.ColValue].Heading, noneWord: layout.None,
		overlaps: func(fact int32) bool { return r.words.Facts[fact].Type == roster.Choices },
		fromCol:  layout.Facts.Columns[layout.ColSince].Heading,
		shown:    func(since int32) string { return month.Date(since).String() },
	}, func(count int) { r.imp.Facts = make([]roster.FactHistory, 0, count) }, func(h *history[roster.Fact]) {
		r.imp.Facts = append(r.imp.Facts, roster.FactHistory{Place: h.place, Rows: h.rows, More: h.more,
			ID: r.ids.all[h.person], Fact: r.words.Facts[h.kind].Name, Facts: h.values})
	})
}
