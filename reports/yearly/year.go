package yearly

import (
	"context"
	"fmt"
	"path/filepath"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy/packfile"
	"disburse/reports/filing"
	"disburse/reports/sheet"
	"disburse/reports/source"
)

// Kind is the kind of 领取情况.
const Kind = "领取情况"

// yearName is 领取情况.xlsx.
const yearName = "领取情况"

// Year is a bureau's year of pay months, ready to be written.
type Year struct {
	Pack   *packfile.File // of its last batch
	Year   int
	Bureau string
}

// Row is what one person got of one item in the year, 分.
type Row struct {
	Person    int64
	ID        string
	Name      string
	Street    string
	Community string
	Item      string        // whose payment carried it
	Paid      [12]money.Fen // by pay month: payments made, failed ones too
	Failed    money.Fen     // of Paid, what banks returned
	Held      money.Fen     // 暂缓 in the year's last batch
}

// Control is what the rows must add up to, taken from the batches and payments
// themselves.
type Control struct {
	Revision int64
	Known    month.Date // of that revision
	Batches  []Batch
	Items    []Item

	// What the figures by fund are made of, by pack and pay month: the batches' own sums of
	// each item; its payments; and 扣回 of an item that payments of another one carry.
	Packs                   map[string]*packfile.File // by hash
	Dues, Payments, Carried []payrun.ItemFlow
}

// Batch is an approved batch of the year.
type Batch struct {
	Month month.Month
	N     int
	Pays  money.Fen
	Held  money.Fen
}

// Item are the payments of one item.
type Item struct {
	Item   string
	Paid   [12]money.Fen // by pay month
	Failed money.Fen
}

// Source gives the rows of a year.
type Source interface {
	// Year calls fn with a row a person and item, in the order of source.Rows and then of the
	// pack's items, and returns what they must add up to, of the same state of affairs.
	// What fn is handed is used again for the next row.
	Year(ctx context.Context, fn func(*Row) error) (*Control, error)
}

// Write writes dir/2026/区民政局/领取情况.xlsx. Memory does not grow with the number
// of people, unless there is a password to encrypt with, which needs the whole file. Rows that
// do not add up to the payments are a fault (Internal), and then, as after any other
// error, nothing has changed in dir.
func Write(ctx context.Context, dir string, y *Year, src Source, password string) (*filing.File, error) {
	folder := filing.FolderName(y.Bureau)
	s, err := filing.NewStage(filepath.Join(dir, fmt.Sprint(y.Year), folder), password)
	if err != nil {
		return nil, filing.CannotWrite(dir, err)
	}
	defer s.Discard()
	f, err := y.write(ctx, s, src)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = s.Commit()
	}
	if err != nil {
		return nil, filing.CannotWrite(dir, err)
	}
	f.Path = folder + "/" + f.Path
	return f, nil
}

func (y *Year) write(ctx context.Context, s *filing.Stage, src Source) (*filing.File, error) {
	is := &source.Issue{Pack: y.Pack, Batch: payrun.Batch{Bureau: y.Bureau, Month: month.Of(y.Year, 12)}}
	p, err := sheet.NewPaperFor(is, source.NewCatalogue(y.Pack, y.Bureau), s.Dir, fmt.Sprintf("%d年", y.Year), yearName)
	if err != nil {
		return nil, err
	}
	top := newYearSummary(p, y.Year)
	people := newYearPeople(p)
	control, err := people.fill(ctx, src)
	if err == nil {
		err = people.sums.check(y.Year, control)
	}
	if err == nil {
		err = top.finish(&people.sums, control)
	}
	if err != nil {
		_ = p.Close()
		return nil, err
	}
	f := &filing.File{Path: yearName + ".xlsx", Kind: Kind, Bureau: y.Bureau, Rows: people.serial, Amount: people.sums.all.total()}
	f.SHA256, err = s.Add(ctx, p.Book, f.Path)
	return f, err
}

// yearCells are the sums of one row of the sheets.
type yearCells struct {
	heads     [12]int // people who were paid in the month
	yearHeads int     // people who were paid in any
	paid      [12]money.Fen
	failed    money.Fen
	held      money.Fen
}

func (c *yearCells) add(r *Row) {
	for m, a := range r.Paid {
		c.paid[m] = c.paid[m].Add(a)
	}
	c.failed, c.held = c.failed.Add(r.Failed), c.held.Add(r.Held)
}

// count counts somebody who was paid in the months of a set: bit 0 is January.
func (c *yearCells) count(months uint16) {
	for m := range c.heads {
		c.heads[m] += int(months >> m & 1)
	}
	if months != 0 {
		c.yearHeads++
	}
}

func (c *yearCells) total() money.Fen { return sumOf(c.paid) }

func sumOf(months [12]money.Fen) money.Fen {
	sum := money.Fen(0)
	for _, a := range months {
		sum = sum.Add(a)
	}
	return sum
}

// yearSums are the sums of a year, by item and in all.
type yearSums struct {
	items  map[string]*yearCells
	all    yearCells
	person int64  // the last row's
	months uint16 // in which that person was paid, so far
}

// row takes a row; those of one person follow each other.
func (s *yearSums) row(r *Row) {
	if r.Person != s.person {
		s.endPerson()
		s.person = r.Person
	}
	it := s.items[r.Item]
	if it == nil {
		it = &yearCells{}
		s.items[r.Item] = it
	}
	months := uint16(0)
	for m, a := range r.Paid {
		if a != 0 {
			months |= 1 << m
		}
	}
	s.months |= months
	it.count(months)
	it.add(r)
	s.all.add(r)
}

// endPerson counts the person whose rows are complete.
func (s *yearSums) endPerson() {
	s.all.count(s.months)
	s.months = 0
}

// check holds the sums to the payments, month by month and item by item, and to the
// amounts that were signed.
func (s *yearSums) check(year int, c *Control) error {
	paid, held, signed := [12]money.Fen{}, money.Fen(0), [12]money.Fen{}
	for _, it := range c.Items {
		got := s.items[it.Item]
		if got == nil {
			got = &yearCells{}
		}
		for m := range it.Paid {
			if got.paid[m] != it.Paid[m] {
				return disagree(fmt.Sprintf("%s 项目 %s 的实发", month.Of(year, m+1).Chinese(), it.Item), got.paid[m], it.Paid[m])
			}
			paid[m] = paid[m].Add(it.Paid[m])
		}
		if got.failed != it.Failed {
			return disagree("项目 "+it.Item+" 的退回", got.failed, it.Failed)
		}
	}
	for _, b := range c.Batches {
		m := b.Month.InYear() - 1
		signed[m], held = signed[m].Add(b.Pays), b.Held
	}
	for m := range signed {
		if name := month.Of(year, m+1).Chinese(); s.all.paid[m] != signed[m] {
			return disagree(name+"实发", s.all.paid[m], signed[m])
		} else if paid[m] != signed[m] {
			return disagree(name+"付款", paid[m], signed[m])
		}
	}
	if s.all.held != held {
		return disagree("未了结的暂缓", s.all.held, held)
	}
	return nil
}
