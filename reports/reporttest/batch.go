package reporttest

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"disburse/internal/approval"
	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/policy"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
	"disburse/reports/source"
)

// Rows is a source of made-up people for one bureau and month, with all that a
// batch can hold: arrears, recoveries, held lines, institutions, odd names and
// streets. Its totals are added up here, apart from the code under test.
type Rows struct {
	Catalogue *source.Catalogue
	ByItem    map[string][]explain.DetailedLine
	ByFile    map[string][]approval.Payment
	Moved     []explain.BridgeRow
	Owed      []source.OpenDebt
	Lists     map[string][]explain.ListRow
}

func (s *Rows) Lines(_ context.Context, item string, fn func(*explain.DetailedLine) error) error {
	return Each(s.ByItem[item], fn)
}

func (s *Rows) Bridge(_ context.Context, fn func(*explain.BridgeRow) error) error {
	return Each(s.Moved, fn)
}

func (s *Rows) Payments(_ context.Context, file string, fn func(*approval.Payment) error) error {
	return Each(s.ByFile[file], fn)
}

func (s *Rows) Debts(_ context.Context, fn func(*source.OpenDebt) error) error {
	return Each(s.Owed, fn)
}

func (s *Rows) Listing(_ context.Context, item string, fn func(*explain.ListRow) error) error {
	return Each(s.Lists[item], fn)
}

// Each hands over the same row again and again, as a database would.
func Each[T any](rows []T, fn func(*T) error) error {
	var row T
	for i := range rows {
		row = rows[i]
		if err := fn(&row); err != nil {
			return err
		}
	}
	return nil
}

var November = month.Of(2026, 11)

// TitleRows are the rows of a sheet's title, unit and headings.
const TitleRows = 3

const (
	surnames = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
	given    = "建国秀英桂兰玉珍志强淑芬凤琴德明福生翠花"
)

func Pack(t testing.TB) *packfile.File {
	t.Helper()
	file, err := packfile.Parse(policy.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// Batch makes an approved batch of the bureau with n people.
func Batch(t testing.TB, bureau string, n int) (*source.Issue, *Rows) {
	t.Helper()
	file := Pack(t)
	s := &Rows{
		Catalogue: source.NewCatalogue(file, bureau), ByItem: map[string][]explain.DetailedLine{}, ByFile: map[string][]approval.Payment{}, Lists: map[string][]explain.ListRow{},
	}
	is := &source.Issue{
		Pack: file, PackHash: strings.Repeat("ab", 32), ChainRev: 128, ChainHead: strings.Repeat("0f", 32),
		Batch: payrun.Batch{
			Number: 3, Month: November, Bureau: bureau, N: 1, State: payrun.Approved, Round: 1, Revision: 120, Digest: strings.Repeat("cd", 32),
		},
		Signatures: []source.Signed{
			{Signature: approval.Signature{Post: approval.Clerk, Actor: "钱一鸣", At: time.Date(2026, 11, 24, 1, 5, 0, 0, time.UTC)}},
			{Signature: approval.Signature{Post: approval.Reviewer, Actor: "周世安", At: time.Date(2026, 11, 24, 7, 40, 0, 0, time.UTC)}},
			{Signature: approval.Signature{Post: approval.Approver, Actor: "郑国栋", At: time.Date(2026, 11, 25, 2, 0, 0, 0, time.UTC)}},
		},
		Previous: &payrun.Batch{Number: 1, Month: November.Add(-1), Bureau: bureau, N: 1, State: payrun.Approved},
	}
	r := rand.New(rand.NewPCG(7, 11))
	for p := int64(1); p <= int64(n); p++ {
		s.person(r, p)
	}
	for item := range s.ByItem {
		s.sort(item)
	}
	s.total(is)
	s.Pay(is)
	return is, s
}

// payee is the name on the account that a line is paid to.
func payee(l *payrun.Line) string {
	switch {
	case l.Account.Holder != "":
		return l.Account.Holder
	case l.Payee == roster.Myself:
		return l.Name
	}
	return l.Payee
}

// person makes one person's lines and list rows.
func (s *Rows) person(r *rand.Rand, p int64) {
	base := s.somebody(r, p)
	for _, it := range s.Catalogue.Pays() {
		if r.IntN(len(s.Catalogue.Pays())) > 1 {
			continue
		}
		s.grants(r, base, it)
	}
	s.crosses(r, p)
	for _, it := range s.Catalogue.Lists() {
		if r.IntN(3) > 0 {
			continue
		}
		row := explain.ListRow{ID: base.ID, Name: base.Name, Street: base.Street, Community: base.Community}
		row.Change = []string{explain.Stayed, explain.Stayed, explain.Stayed, explain.Came, explain.Left}[r.IntN(5)]
		switch it.Code.Value {
		case "6":
			row.Detail = "免费"
		case "19":
			row.Detail = "待安置"
		case "20":
			row.Detail = fmt.Sprint(1 + r.IntN(2))
		}
		s.Lists[it.Code.Value] = append(s.Lists[it.Code.Value], row)
	}
}

func (s *Rows) somebody(r *rand.Rand, p int64) explain.DetailedLine {
	runes, g := []rune(surnames), []rune(given)
	l := explain.DetailedLine{Cleared: r.IntN(5) == 0}
	l.Person = p
	l.Name = string(runes[r.IntN(len(runes))]) + string(g[r.IntN(len(g))]) + string(g[r.IntN(len(g))])
	l.ID = fmt.Sprintf("140203%04d%02d%02d%04d", 1920+r.IntN(27), 1+r.IntN(12), 1+r.IntN(28), p%10000)
	l.Street = s.Catalogue.File.Streets[r.IntN(len(s.Catalogue.File.Streets))].Value
	l.Community = fmt.Sprintf("%s第%d社区", l.Street, 1+r.IntN(9))
	l.Account = roster.Account{Bank: []string{"中国工商银行", "大同农商银行"}[r.IntN(2)], Number: fmt.Sprintf("621226%013d", p)}
	switch p {
	case 1:
		l.Name, l.Community = "=HYPERLINK(\"x\")", "-某社区"
	case 2:
		l.Name, l.Street = "+王𠮷㐂", "外来街道"
	case 4, 5: // the same number twice: a draft shows them, too
		l.ID, l.Street = "140203194001010011", "永泰"
	case 3:
		l.Name, l.Street = "阿卜杜热西提·买买提艾力", ""
	}
	return l
}

// grants makes the lines of one item.
func (s *Rows) grants(r *rand.Rand, l explain.DetailedLine, it *packfile.Item) {
	code := it.Code.Value
	l.Item, l.Against, l.Payee, l.Month, l.Kind = code, code, roster.Myself, November, payrun.Current
	if it.Pay.Payee.Fact.Value != "" {
		l.Payee = "平城区第一敬老院"
		l.Account = roster.Account{Bank: "大同农商银行", Number: "14000000000000001"}
	}
	l.Amount = money.Fen(5000 + 7*r.IntN(20000))
	l.Standard = l.Amount
	switch r.IntN(20) {
	case 0:
		l.Hold = payrun.NoAccount | payrun.AwaitingHeir
		l.Account = roster.Account{}
	case 1:
		l.Hold = payrun.Undecided
	}
	s.ByItem[code] = append(s.ByItem[code], l)
	if l.Hold != 0 {
		return
	}
	if r.IntN(8) == 0 {
		late := l
		late.Month, late.Kind, late.Amount = November.Add(-2), payrun.Arrears, l.Standard-1234
		s.ByItem[code] = append(s.ByItem[code], late)
	}
	if r.IntN(15) == 0 {
		back := l
		back.Month, back.Kind, back.Amount, back.Standard = November.Add(-1), payrun.Recovery, -1999, 0
		s.ByItem[code] = append(s.ByItem[code], back)
		if r.IntN(2) == 0 {
			s.Owed = append(s.Owed, source.OpenDebt{Debt: payrun.Debt{
				Person: l.Person, Item: code, Payee: l.Payee, Month: back.Month, Amount: 501, ID: l.ID, Name: l.Name, Street: l.Street,
			}, DebtStatus: ledger.DebtStatus{Stop: back.Month, Last: back.Month, Collected: 99, Waived: 1,
				Plan: ledger.Plan{Sum: 501, First: November, Months: 3}, Overdue: 167}})
		}
	}
}

// crosses takes what one item of a person has paid too much out of a payment of the next
// item, as a reclassification does.
func (s *Rows) crosses(r *rand.Rand, p int64) {
	var paid []explain.DetailedLine
	for _, it := range s.Catalogue.Pays() {
		if lines := s.ByItem[it.Code.Value]; len(lines) > 0 {
			if l := lines[len(lines)-1]; l.Person == p && l.Hold == 0 && l.Payee == roster.Myself {
				paid = append(paid, l)
			}
		}
	}
	for i := 1; i < len(paid); i++ {
		if r.IntN(3) > 0 {
			continue
		}
		back := paid[i-1]
		back.Month, back.Kind, back.Amount, back.Standard, back.Against = November.Add(-3), payrun.Recovery, -1000-money.Fen(r.IntN(500)), 0, paid[i].Item
		s.ByItem[back.Item] = append(s.ByItem[back.Item], back)
	}
}

func (s *Rows) sort(item string) {
	slices.SortFunc(s.ByItem[item], func(a, b explain.DetailedLine) int {
		return cmp.Or(s.Catalogue.CompareStreets(a.Street, b.Street), strings.Compare(a.ID, b.ID), cmp.Compare(a.Month, b.Month))
	})
}

// total fills in what a database keeps beside the batch, and the bridge.
func (s *Rows) total(is *source.Issue) {
	everybody := map[int64]bool{}
	r := rand.New(rand.NewPCG(3, 5))
	for _, it := range s.Catalogue.Pays() {
		code := it.Code.Value
		t, before := payrun.ItemTotal{Item: code}, payrun.ItemTotal{Item: code}
		heads := map[int64]bool{}
		for _, l := range s.ByItem[code] {
			is.Batch.Lines++
			if l.Hold != 0 {
				t.Held += l.Amount
				continue
			}
			heads[l.Person], everybody[l.Person] = true, true
			switch l.Kind {
			case payrun.Arrears:
				t.Arrears += l.Amount
			case payrun.Recovery:
				t.Recovery += l.Amount
			default:
				t.Current += l.Amount
				before.Current += s.change(r, l)
			}
		}
		t.Heads = len(heads)
		is.Totals = append(is.Totals, t)
		is.PreviousTotals = append(is.PreviousTotals, before)
		is.Batch.Pays += t.Current + t.Arrears + t.Recovery
		is.Batch.Held += t.Held
	}
	is.Batch.Heads = len(everybody)
	for code := range s.Lists {
		slices.SortFunc(s.Lists[code], func(a, b explain.ListRow) int {
			return cmp.Or(s.Catalogue.CompareStreets(a.Street, b.Street), strings.Compare(a.ID, b.ID))
		})
	}
	slices.SortStableFunc(s.Owed, func(a, b source.OpenDebt) int {
		return cmp.Or(s.Catalogue.CompareStreets(a.Street, b.Street), strings.Compare(a.ID, b.ID))
	})
}

// change makes up what the person got last month and returns it.
func (s *Rows) change(r *rand.Rand, l explain.DetailedLine) money.Fen {
	row := explain.BridgeRow{Item: l.Item, Name: l.Name, ID: l.ID, Street: l.Street, Last: l.Amount, This: l.Amount}
	switch r.IntN(30) {
	case 0:
		row.Last, row.Reason = 0, "本月年满 80 周岁"
	case 1:
		row.Last, row.Reason = l.Amount+3300, "自理能力由全护理改为半自理"
	default:
		return l.Amount
	}
	s.Moved = append(s.Moved, row)
	return row.Last
}

// Pay makes payments and files as approval would: one row a payee and item.
func (s *Rows) Pay(is *source.Issue) {
	type key struct{ bank, account, holder, item, id string }
	sum := map[key]money.Fen{}
	var order []key
	for _, it := range s.Catalogue.Pays() {
		for _, l := range s.ByItem[it.Code.Value] {
			if l.Hold != 0 {
				continue
			}
			k := key{l.Account.Bank, l.Account.Number, payee(&l.Line), l.Against, l.ID}
			if l.Payee != roster.Myself {
				k.id = ""
			}
			if _, ok := sum[k]; !ok {
				order = append(order, k)
			}
			sum[k] += l.Amount
		}
	}
	slices.SortStableFunc(order, func(a, b key) int { return strings.Compare(a.bank, b.bank) })
	var f *approval.PaymentFile
	for _, k := range order {
		if f == nil || f.Bank != k.bank || f.Rows == 5000 {
			code := "MZ"
			is.Files = append(is.Files, approval.PaymentFile{Number: fmt.Sprintf("140213-202611-%s-1-%03d", code, len(is.Files)+1), Bank: k.bank})
			f = &is.Files[len(is.Files)-1]
		}
		f.Rows++
		f.Amount += sum[k]
		s.ByFile[f.Number] = append(s.ByFile[f.Number], approval.Payment{
			Seq: f.Rows, Account: roster.Account{Holder: k.holder, Number: k.account, Bank: k.bank}, Amount: sum[k], ID: k.id, Item: k.item,
		})
	}
}
