package export

import (
	"context"
	"strconv"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/policy"
	"disburse/internal/policy/packfile"
	"disburse/internal/store/books"
	"disburse/reports/filing"
	"disburse/reports/yearly"
)

// yearSource gives the year's workbook its rows.
type yearSource struct {
	office *office.Office
	order  books.YearOrder
}

// Year implements yearly.Source.
func (s *yearSource) Year(ctx context.Context, fn func(*yearly.Row) error) (*yearly.Control, error) {
	c, err := books.Year(ctx, s.office.DB, s.order, func(r *books.YearRow) error { return fn((*yearly.Row)(r)) })
	if err != nil {
		return nil, err
	}
	control := &yearly.Control{Revision: c.Revision, Known: month.FromTime(c.At.In(month.Shanghai)), Packs: map[string]*packfile.File{},
		Dues: c.Dues, Payments: c.Payments, Carried: c.Carried}
	for _, f := range c.Dues {
		if control.Packs[f.Pack] != nil {
			continue
		}
		pack, err := s.office.PackOf(ctx, f.Pack)
		if err != nil {
			return nil, err
		}
		control.Packs[f.Pack] = pack.File
	}
	for _, b := range c.Batches {
		control.Batches = append(control.Batches, yearly.Batch(b))
	}
	for _, it := range c.Items {
		control.Items = append(control.Items, yearly.Item(it))
	}
	return control, nil
}

// YearOrder asks for the workbooks of a year (领取情况).
type YearOrder struct {
	Year     int
	Bureau   string // empty: every bureau that paid
	Dir      string // the files go to Dir/2026
	Password string // encrypts every workbook; empty: none
	By       journal.By
}

// Years writes the workbook of every bureau that paid in the year. Paths are within
// Dir/2026.
func Years(ctx context.Context, o *office.Office, x *YearOrder) ([]*filing.File, error) {
	if err := o.KnownBureau(x.Bureau); err != nil {
		return nil, err
	}
	bureaus, err := books.YearBureaus(ctx, o.DB, o.Region, x.Year)
	if err != nil {
		return nil, err
	}
	if err := o.LogAccess(ctx, x.By, journal.Exported, "领取情况", 0, strconv.Itoa(x.Year), x.Bureau); err != nil {
		return nil, err
	}
	var files []*filing.File
	for _, b := range bureaus {
		pack, err := o.PackOf(ctx, b.Pack)
		if err != nil {
			return nil, err
		}
		if (x.Bureau != "" && b.Bureau != x.Bureau) || !pack.Pays(b.Bureau) {
			continue
		}
		src := &yearSource{o, yearOrder(o.Region, x.Year, b.Bureau, pack)}
		file, err := yearly.Write(ctx, x.Dir, &yearly.Year{Pack: pack.File, Year: x.Year, Bureau: b.Bureau}, src, x.Password)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	if len(files) == 0 {
		return nil, fault.New(fault.NotFound, "%d年没有符合条件的已审批批次，请核对年份和 --bureau", x.Year)
	}
	return files, nil
}

func yearOrder(region int32, year int, bureau string, pack *policy.Pack) books.YearOrder {
	o := books.YearOrder{Region: region, Year: year, Bureau: bureau}
	for _, it := range pack.Items() {
		o.Items = append(o.Items, it.Code.Value)
	}
	for _, s := range pack.File.Streets {
		o.Streets = append(o.Streets, s.Value)
	}
	return o
}

// StatementOrder asks for one person's year (个人领取情况), of all bureaus.
type StatementOrder struct {
	ID       string // 身份证号, a former one too
	Year     int
	Out      string // a workbook; empty: none
	Password string // encrypts it; empty: none
	Shown    bool   // it is only looked at, not taken away
	By       journal.By
}

// Statement is one person's year, as a workbook too where one is asked for.
func Statement(ctx context.Context, o *office.Office, x *StatementOrder) (*yearly.Statement, error) {
	if x.Out != "" {
		if err := office.Replaceable(x.Out, office.TitleEnds("个人领取情况")); err != nil {
			return nil, err
		}
	}
	y, err := books.ReadPersonYear(ctx, o.DB, o.Region, x.ID, x.Year)
	if err != nil {
		return nil, err
	}
	action := journal.Exported
	if x.Shown {
		action = journal.Viewed
	}
	if err := o.LogAccess(ctx, x.By, action, "个人领取情况", y.Person.Number, strconv.Itoa(x.Year)); err != nil {
		return nil, err
	}
	s, err := statementOf(ctx, o, x.Year, y)
	if err != nil || x.Out == "" {
		return s, err
	}
	return s, yearly.WriteStatement(ctx, x.Out, s, x.Password)
}

func statementOf(ctx context.Context, o *office.Office, year int, y *books.PersonYear) (*yearly.Statement, error) {
	pack := o.Pack
	if y.Pack != "" {
		var err error
		if pack, err = o.PackOf(ctx, y.Pack); err != nil {
			return nil, err
		}
	}
	s := &yearly.Statement{Pack: pack.File, Year: year, Revision: y.Revision, Known: month.FromTime(y.At.In(month.Shanghai)), Person: y.Person, Debts: y.Debts}
	for _, p := range y.Payments {
		answered := month.Date(0)
		if p.Answer != 0 {
			answered = month.FromTime(p.AnswerAt.In(month.Shanghai))
		}
		s.Payments = append(s.Payments, yearly.Payment{
			Month: p.Month, Bureau: p.Bureau, N: p.N, Item: p.Item, Payee: p.Payee,
			Current: p.Current, Arrears: p.Arrears, Recovery: p.Recovery, ArrearsOf: p.ArrearsOf, RecoveryOf: p.RecoveryOf, RecoveryOn: p.RecoveryOn,
			Number: p.Number, Seq: p.Seq, Sent: p.Sent, Answer: p.Answer, Answered: answered, Words: p.AnswerWords,
		})
	}
	for _, h := range y.Held {
		s.Held = append(s.Held, yearly.Held(h))
	}
	return s, nil
}
