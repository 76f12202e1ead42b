package read

import (
	"fmt"

	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/roster/layout"
)

// readAward takes in a row of 核定金额.
func (r *reader) readAward(rec *record) {
	id := rec.whose(layout.ColAwardID)
	code := rec.word(layout.ColItem)
	rec.require(layout.ColItem, code)
	n, known := r.words.items[code]
	if code != "" && !known {
		rec.refuse(layout.ColItem, r.words.unknownItem(code)+"；"+reasonWhole)
	}
	e := entry[roster.Award]{sheet: int32(rec.sheet), row: int32(rec.row)}
	rec.require(layout.ColAmount, "")
	fen, given := rec.amount(layout.ColAmount)
	e.none = given && fen == 0
	e.value.Amount = fen
	r.readMonths(rec, &e, roster.BirthOf(id))
	e.value.Payee = r.texts.one(rec.line(layout.ColAwardPayee))
	e.value.Basis = r.texts.one(rec.basis(layout.ColAwardBasis))
	if id == "" || !known {
		return // of nobody, or of no item
	}
	e.person, e.kind, e.bad = r.person(id), int32(n), rec.bad
	e.value.Item = r.words.Items[n].Code
	*r.awards.next() = e
}

func (r *reader) readMonths(rec *record, e *entry[roster.Award], birth month.Date) {
	first, last := rec.month(layout.ColFirst), rec.month(layout.ColLast)
	if e.none {
		return
	}
	if !rec.filled[layout.ColFirst] {
		rec.refuse(layout.ColFirst, "不能为空（只有金额为 0 时可空）")
	}
	r.monthNotFarAhead(rec, layout.ColFirst, first)
	if first != 0 && first < birth.Month() {
		rec.refuse(layout.ColFirst, fmt.Sprintf("早于出生日期 %s，请核对", birth))
	}
	if last != 0 && last < first {
		rec.refuse(layout.ColLast, fmt.Sprintf("早于起始月 %s，请核对", first))
	}
	e.value.First, e.value.Last = first, last
	e.from, e.to = int32(first), int32(last)
	if last == 0 {
		e.to = forever
	}
}

// finishAwards turns the rows of 核定金额 into histories.
func (r *reader) finishAwards() {
	settle(r, r.awards.join(), historyRules{
		unit: "同一人同一项目", noneCol: layout.Awards.Columns[layout.ColAmount].Heading, noneWord: "0",
		overlaps: func(int32) bool { return false },
		fromCol:  layout.Awards.Columns[layout.ColFirst].Heading,
		shown:    func(first int32) string { return month.Month(first).String() },
	}, func(count int) { r.imp.Awards = make([]roster.AwardHistory, 0, count) }, func(h *history[roster.Award]) {
		r.imp.Awards = append(r.imp.Awards, roster.AwardHistory{Place: h.place, Rows: h.rows, More: h.more,
			ID: r.ids.all[h.person], Item: r.words.Items[h.kind].Code, Awards: h.values})
	})
}
