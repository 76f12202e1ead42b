package modeltest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/store/imports"
)

var columns = roster.Columns{Name: true, Street: true, Community: true, Address: true, Phone: true,
	MovedIn: true, MovedOut: true, Died: true, Bank: true, Number: true, Holder: true,
	Deputy: true, DeputyRelation: true, DeputyReason: true, Birth: true,
	PayeeBank: true, PayeeNumber: true, PayeeHolder: true}

// values are what the facts of the model may say.
var values = map[string][]string{
	"低保": {"是"}, "低保边缘": {"是"}, "经济困难认定": {"是"}, "生活不能自理": {"是"}, "工伤护理费": {"是"},
	"特困": {"分散", "分散", "集中"}, "自理能力": {"全自理", "半自理", "全护理"}, "失能等级": {"轻度失能", "重度失能", "完全失能", "完全失能"},
	"残疾等级": {"一级", "二级", "三级", "四级"}, "残疾类别": {"肢体", "精神", "听力、智力"}, "养老保险": {"职工", "居民"}, "医疗保险": {"职工", "居民"},
	"入住机构": {"甲院", "乙院"}, "机构月收费": {"1500.00", "2600.50"}, "低保月金额": {"730.00", "366.65"}, "暂停发放": {"核查"},
}

var factNames = slices.Sorted(maps.Keys(values))

// sheet is a workbook on its way in, and what the model makes of it.
type sheet struct {
	in    roster.Import
	apply []func()
	undo  []func() // what takes it back
}

// imported is an import that may be undone.
type imported struct {
	rev  int64
	undo []func()
}

// row puts somebody into the sheet as they are to be from now on.
func (s *sheet) row(d *district, n int64, p roster.Person) {
	former := ""
	if n > 0 && d.people[n-1].ID != p.ID {
		former = d.people[n-1].ID
	}
	p.Number, p.Rev = 0, 0
	s.in.People = append(s.in.People, roster.PersonRow{Place: roster.Place{Sheet: "人员", Row: len(s.in.People) + 2}, Person: p, Former: former})
	s.apply = append(s.apply, func() {
		if n > 0 {
			before, said := d.people[n-1].Person, p
			d.known(n, &before, &said)
			p.Account = s.account(d, waiter{person: n}, before.Account, p.Account, d.wasPaid(n) && elsewhere(&before, &p))
			if p.Account == before.Account && d.wasPaid(n) {
				p.Deputy = s.deputy(d, waiter{person: n}, &before, &said)
			}
			if before != p { // a row that says what is known is no part of the import
				s.undo = append(s.undo, func() {
					now := d.people[n-1].Person
					d.people[n-1].Person = before
					d.known(n, &now, &before)
					if d.wasPaid(n) && elsewhere(&now, &before) {
						d.people[n-1].Account = now.Account
						d.ask(waiter{person: n}, before.Account)
					} else if w, waits := d.waiting[waiter{person: n}]; d.wasPaid(n) && ((waits && before.Deputy != now.Deputy) || releasesHeld(&now, &before)) {
						if !waits {
							w.Account = before.Account
						}
						d.people[n-1].Deputy = now.Deputy
						d.ask(waiter{person: n}, w.Account)
						w = d.waiting[waiter{person: n}]
						w.deputy = &before.Deputy
						d.waiting[waiter{person: n}] = w
					}
				})
			}
			d.people[n-1].Person = p
			return
		}
		brought := len(d.people)
		s.undo = append(s.undo, func() { d.people[brought].gone = nowhere })
		d.people = append(d.people, &person{Person: p, facts: map[string][]roster.Fact{}, awards: map[string][]roster.Award{}})
	})
}

// fact restates a history; the records are in the order of their beginning.
func (s *sheet) fact(d *district, id, name string, records ...roster.Fact) {
	for i := range records {
		records[i].Name = name
	}
	row := len(s.in.Facts) + 2
	h := roster.FactHistory{Place: roster.Place{Sheet: "情况", Row: row}, ID: id, Fact: name, Facts: records, Rows: []int{row}}
	s.in.Facts = append(s.in.Facts, h)
	s.apply = append(s.apply, func() {
		p := d.find(id)
		before := p.facts[name]
		if !slices.Equal(before, records) {
			s.undo = append(s.undo, func() { p.facts[name] = before })
		}
		p.facts[name] = records
	})
}

func (s *sheet) award(d *district, id, item string, records ...roster.Award) {
	for i := range records {
		records[i].Item = item
	}
	row := len(s.in.Awards) + 2
	h := roster.AwardHistory{Place: roster.Place{Sheet: "核定金额", Row: row}, ID: id, Item: item, Awards: records, Rows: []int{row}}
	s.in.Awards = append(s.in.Awards, h)
	s.apply = append(s.apply, func() {
		p := d.find(id)
		before := p.awards[item]
		if !slices.Equal(before, records) {
			s.undo = append(s.undo, func() { p.awards[item] = before })
		}
		p.awards[item] = records
	})
}

func (s *sheet) payee(d *district, name string, a roster.Account) {
	row := roster.PayeeRow{Place: roster.Place{Sheet: "收款单位", Row: len(s.in.Payees) + 2}, Payee: roster.Payee{Name: name, Account: a}}
	s.in.Payees = append(s.in.Payees, row)
	s.apply = append(s.apply, func() {
		before, known := d.payees[name]
		if d.payees[name] = s.account(d, waiter{name: name}, before, a, known && before != a && d.hadAccount(name)); d.payees[name] == before && known {
			return
		}
		d.opened[name]++ // only ever from no account to one
		s.undo = append(s.undo, func() {
			if d.opened[name]--; d.hadAccount(name) {
				d.ask(waiter{name: name}, before)
				return
			}
			delete(d.waiting, waiter{name: name})
			d.payees[name] = before
		})
	})
}

func (d *district) find(id string) *person {
	i := slices.IndexFunc(d.people, func(p *person) bool { return p.ID == id })
	return d.people[i]
}

// take imports a sheet, in which nothing may be refused.
func (d *district) take(s *sheet) error {
	s.in.File, s.in.SHA256, s.in.Columns = "花名册.xlsx", strings.Repeat("ab", 32), columns
	report, err := imports.ImportRoster(d.ctx, d.db, region, &s.in, by("os:tester", ""), false, nil)
	if err != nil {
		return err
	}
	if len(report.Problems) > 0 {
		return fmt.Errorf("refused: %+v", report.Problems)
	}
	for _, apply := range s.apply {
		apply()
	}
	d.learned()
	if err := d.sameWaits(); err != nil {
		return err
	}
	if report.Rev > 0 {
		d.imports = append(d.imports, imported{report.Rev, s.undo})
	}
	return nil
}

// takeBack undoes an import, if nothing has come of it since; the last thing that happened
// can always be taken back.
func (d *district) takeBack() error {
	if len(d.imports) < 2 || d.chance(40) {
		if err := d.learn(); err != nil {
			return err
		}
	}
	i := len(d.imports) - 1 - min(d.rand.IntN(3), len(d.imports)-1)
	was, u := d.imports[i], d.user(civil, approval.Clerk)
	head, err := d.head()
	if err != nil {
		return err
	}
	o := imports.UndoOrder{Region: region, Rev: was.rev, User: u, By: by(u.Name, "导错了")}
	if _, err := imports.UndoImport(d.ctx, d.db, o); err != nil {
		if head == was.rev {
			return err
		}
		return wrong("undo", refused(err))
	}
	for _, back := range slices.Backward(was.undo) {
		back()
	}
	d.imports = slices.Delete(d.imports, i, i+1)
	d.learned()
	d.did["undone"]++
	return d.sameWaits()
}

// begin brings the first people and the institutions.
func (d *district) begin() error {
	s := &sheet{}
	for _, name := range []string{"甲院", "乙院", insurer} {
		s.payee(d, name, d.newAccount())
	}
	for range 5 {
		d.newcomer(s)
	}
	return d.take(s)
}

// learn imports one to three changes of what is known.
func (d *district) learn() error {
	s, touched := &sheet{}, map[int64]bool{}
	for range 1 + d.rand.IntN(3) {
		living := d.living()
		if len(living) == 0 || d.chance(8) && len(living) < 9 {
			d.newcomer(s)
			continue
		}
		n := one(d.rand, living...)
		switch {
		case d.chance(6):
			name := one(d.rand, "甲院", "乙院", insurer)
			if !slices.ContainsFunc(s.in.Payees, func(r roster.PayeeRow) bool { return r.Payee.Name == name }) {
				s.payee(d, name, one(d.rand, d.newAccount(), d.newAccount(), roster.Account{}))
			}
		case touched[n]:
		default:
			touched[n] = true
			d.change(s, n)
		}
	}
	return d.take(s)
}

// again imports what is known of somebody once more, which changes nothing.
func (d *district) again() error {
	living := d.living()
	if len(living) == 0 {
		return d.learn()
	}
	n := one(d.rand, living...)
	s, p := &sheet{}, d.people[n-1]
	s.row(d, n, p.Person)
	for name, records := range p.facts {
		s.fact(d, p.ID, name, records...)
	}
	before, err := d.head()
	if err != nil {
		return err
	}
	if err := d.take(s); err != nil {
		return err
	}
	if after, err := d.head(); err != nil || after != before {
		return fmt.Errorf("importing what is known made revision %d after %d, %v", after, before, err)
	}
	return nil
}

func (d *district) newAccount() roster.Account {
	d.serial++
	return roster.Account{Bank: one(d.rand, "示例银行", "示例银行", "晋商银行"), Number: fmt.Sprintf("62%08d", d.serial)}
}

// aDay is a day around the months that are run; sometimes the first or last of one.
func (d *district) aDay() month.Date {
	day := opening.First() - 200 + month.Date(d.rand.IntN(460))
	switch d.rand.IntN(4) {
	case 0:
		return day.Month().First()
	case 1:
		return day.Month().Last()
	}
	return day
}

// birth is of an age at which something begins or ends in these months, or of none.
func (d *district) birth() month.Date {
	years := one(d.rand, 55, 60, 65, 70, 75, 80, 80, 80, 85, 90, 100, 100, 111)
	return month.DateOf(2026-years, 1+d.rand.IntN(12), 1+d.rand.IntN(28))
}

func (d *district) newID() string {
	d.serial++
	return roster.MakeID("140213", d.birth(), d.serial%1000)
}

func (d *district) newcomer(s *sheet) {
	id := d.newID()
	name := "某" + numeral(d.serial)
	if d.chance(15) && len(d.people) > 0 { // perhaps somebody who is there already
		twin := one(d.rand, d.people...)
		id = roster.MakeID("140202", twin.Birth, d.serial%1000)
		name = twin.Name
	}
	p := roster.Person{ID: id, Birth: roster.BirthOf(id), Name: name, Street: one(d.rand, "永泰", "古城"), Phone: "0352"}
	if d.chance(85) {
		p.Account = d.newAccount()
	}
	if d.chance(20) {
		p.MovedIn = d.aDay()
	}
	s.row(d, 0, p)
	for range d.rand.IntN(6) {
		d.changeFact(s, &person{Person: p}, one(d.rand, factNames...))
	}
}

// numeral makes names that differ.
func numeral(n int) string {
	digits := []rune("零壹贰叁肆伍陆柒捌玖")
	s := ""
	for ; n > 0; n /= 10 {
		s = string(digits[n%10]) + s
	}
	return s
}

// change alters one thing that is known of somebody.
func (d *district) change(s *sheet, n int64) {
	known := d.people[n-1]
	p := known.Person
	switch k := d.rand.IntN(100); {
	case k < 45:
		for range 1 + d.rand.IntN(2) {
			d.changeFact(s, known, one(d.rand, factNames...))
		}
		return
	case k < 57:
		d.changeAward(s, known)
		return
	case k < 67: // a death, a later one, or it was a mistake
		p.Died = one(d.rand, d.aDay(), d.aDay(), 0)
	case k < 75:
		p.MovedOut, p.MovedIn = one(d.rand, d.aDay(), 0), one(d.rand, d.aDay(), 0)
	case k < 88:
		d.changeAccount(&p)
	case k < 93: // another number, and with it another age
		p.ID = d.newID()
		p.Birth = roster.BirthOf(p.ID)
	case k < 97:
		p.Deputy = one(d.rand, roster.Deputy{Name: "代" + p.Name, Relation: "子女", Reason: "行动不便"}, roster.Deputy{})
	default:
		d.serial++
		p.Name = "某" + numeral(d.serial)
	}
	s.row(d, n, p)
}

func (d *district) changeAccount(p *roster.Person) {
	switch d.rand.IntN(6) {
	case 0:
		p.Account = roster.Account{}
	case 1: // somebody else's
		p.Account = one(d.rand, d.people...).Account
	case 2:
		p.Account.Holder = one(d.rand, "", "别人", p.Name)
	default:
		p.Account = d.newAccount()
	}
}

// changeFact restates one fact: never held, or one or two records that do not overlap.
func (d *district) changeFact(s *sheet, p *person, name string) {
	if slices.ContainsFunc(s.in.Facts, func(h roster.FactHistory) bool { return h.ID == p.ID && h.Fact == name }) {
		return
	}
	record := func(from, until month.Date) roster.Fact {
		return roster.Fact{Value: one(d.rand, values[name]...), Since: from, Until: until}
	}
	since := one(d.rand, month.DateOf(2020, 1, 1), d.aDay(), d.aDay())
	switch d.rand.IntN(6) {
	case 0:
		s.fact(d, p.ID, name)
	case 1:
		s.fact(d, p.ID, name, record(since, since+month.Date(d.rand.IntN(120))))
	case 2:
		if name != "残疾类别" { // two of its values in one month are both read
			middle := since + month.Date(d.rand.IntN(120))
			s.fact(d, p.ID, name, record(since, middle), record(middle+1+month.Date(d.rand.IntN(40)), 0))
			return
		}
		fallthrough
	default:
		s.fact(d, p.ID, name, record(since, 0))
	}
}

// changeAward restates the 核定金额 of one item.
func (d *district) changeAward(s *sheet, p *person) {
	item := one(d.rand, "1", "2", "2", "17", "17", "18-4", "18-5")
	a := roster.Award{Amount: one(d.rand, 100*yuan, 163*yuan+37, 250*yuan), First: opening - 2 + month.Month(d.rand.IntN(10)),
		Payee: one(d.rand, "", "", "甲院", "乙院")}
	switch d.rand.IntN(5) {
	case 0:
		s.award(d, p.ID, item)
	case 1:
		a.Last = a.First + month.Month(d.rand.IntN(4))
		b := a
		b.First, b.Last, b.Amount = a.Last+1, 0, 300*yuan
		s.award(d, p.ID, item, a, b)
	case 2:
		a.Last = a.First
		fallthrough
	default:
		s.award(d, p.ID, item, a)
	}
}
