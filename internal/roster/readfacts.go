package roster

import (
	"fmt"
	"slices"
	"strings"

	"disburse/internal/month"
)

// The words that stand in the 值 column besides a fact's own values.
const (
	wordYes  = "是"
	wordNone = "无"
)

// readFact takes in a row of 情况.
func (r *reader) readFact(rec *record) {
	id := rec.whose(colFactID)
	name := rec.word(colFact)
	rec.require(colFact, name)
	n, known := r.words.facts[name]
	if name != "" && !known {
		rec.refuse(colFact, "规则包里没有这种情况，请从模板的下拉列表选择；"+reasonWhole)
	}
	e := entry[Fact]{sheet: int32(rec.sheet), row: int32(rec.row)}
	r.readPeriod(rec, &e, n, known, BirthOf(id))
	e.value.Basis = r.texts.one(rec.basis(colFactBasis))
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
func (r *reader) readPeriod(rec *record, e *entry[Fact], fact int, known bool, birth month.Date) {
	if known {
		e.value.Value, e.none = r.factValue(rec, fact)
	}
	if e.none {
		rec.date(colSince) // what is no date is told all the same
		rec.date(colUntil)
		return
	}
	since, until := r.afterBirth(rec, colSince, birth), rec.date(colUntil)
	r.notFarAhead(rec, colSince, since)
	if !rec.filled[colSince] {
		rec.refuse(colSince, "不能为空（只有值为“无”时可空）")
	}
	if until != 0 && until < since {
		rec.refuse(colUntil, fmt.Sprintf("早于起 %s，请核对", since))
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
	if kind.Type == Amount {
		return r.amountValue(rec)
	}
	text := rec.line(colValue)
	if text == "" {
		rec.require(colValue, text)
		return "", false
	}
	word := squeeze(text)
	switch {
	case word == wordNone:
		return "", true
	case kind.Type == Text:
		return r.texts.one(text), false
	case kind.Type == Flag:
		return flagValue(rec, word), false
	case kind.Type == Choice:
		return r.choiceValue(rec, fact, word), false
	}
	return r.choicesValue(rec, fact, word), false
}

func (r *reader) amountValue(rec *record) (value string, none bool) {
	if rec.filled[colValue] && squeeze(rec.cells[colValue].Text) == wordNone {
		return "", true
	}
	rec.require(colValue, "")
	fen, ok := rec.amount(colValue)
	if !ok {
		return "", false
	}
	return r.texts.one(fen.String()), false
}

func flagValue(rec *record, word string) string {
	if word == wordYes {
		return wordYes
	}
	reason := "这种情况的值只能写“是”；从未有过的写“无”，已经结束的填止"
	if word == "否" {
		reason = "不能写“否”：从未有过的写“无”，已经结束的填止"
	}
	rec.refuse(colValue, reason)
	return ""
}

func (r *reader) choiceValue(rec *record, fact int, word string) string {
	if n, ok := r.words.values[fact][word]; ok {
		return r.words.Facts[fact].Values[n]
	}
	rec.refuse(colValue, "只能是 "+strings.Join(r.words.Facts[fact].Values, "、")+" 之一")
	return ""
}

// choicesValue reads several values at once and puts them in the pack's order.
func (r *reader) choicesValue(rec *record, fact int, word string) string {
	values := r.words.Facts[fact].Values
	var found []int
	for part := range strings.FieldsFuncSeq(word, func(c rune) bool { return strings.ContainsRune("、,，/;；", c) }) {
		n, ok := r.words.values[fact][part]
		if !ok {
			rec.refuse(colValue, "只能是 "+strings.Join(values, "、")+" 中的一个或几个，用“、”连接")
			return ""
		}
		found = append(found, n)
	}
	if len(found) == 0 {
		rec.refuse(colValue, reasonEmpty)
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
		unit: "同一人同一情况", noneCol: factsLayout.columns[colValue].heading, noneWord: wordNone,
		overlaps: func(fact int32) bool { return r.words.Facts[fact].Type == Choices },
		fromCol:  factsLayout.columns[colSince].heading,
		shown:    func(since int32) string { return month.Date(since).String() },
	}, func(count int) { r.imp.Facts = make([]FactHistory, 0, count) }, func(h *history[Fact]) {
		r.imp.Facts = append(r.imp.Facts, FactHistory{Place: h.place, Rows: h.rows, More: h.more,
			ID: r.ids.all[h.person], Fact: r.words.Facts[h.kind].Name, Facts: h.values})
	})
}
