package export

import (
	"cmp"
	"context"
	"slices"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/office"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/policy"
	"disburse/internal/store/batches"
	"disburse/internal/store/books"
	"disburse/internal/store/recovery"
	"disburse/reports/source"
)

// sheetSource gives the sheets their rows: reports ask, the database has answered.
type sheetSource struct {
	office *office.Office
	book   *books.MonthBook
	debts  []recovery.RegisterRow
	files  map[string]approval.PaymentFile
}

func newSheetSource(o *office.Office, pack *policy.Pack, book *books.MonthBook, debts []recovery.RegisterRow, files []approval.PaymentFile) *sheetSource {
	order := payrun.Sorting{Pack: pack}
	slices.SortFunc(debts, func(x, y recovery.RegisterRow) int {
		return cmp.Or(order.Streets(x.Street, x.ID, y.Street, y.ID), cmp.Compare(x.Month, y.Month),
			cmp.Compare(pack.ItemOrder(x.Item), pack.ItemOrder(y.Item)), cmp.Compare(x.Payee, y.Payee))
	})
	s := &sheetSource{office: o, book: book, debts: debts, files: map[string]approval.PaymentFile{}}
	for _, f := range files {
		s.files[f.Number] = f
	}
	return s
}

// Lines implements source.Rows.
func (s *sheetSource) Lines(ctx context.Context, item string, fn func(*explain.DetailedLine) error) error {
	for i := range s.book.Lines[item] {
		if err := fn(&s.book.Lines[item][i]); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Bridge implements source.Rows.
func (s *sheetSource) Bridge(ctx context.Context, fn func(*explain.BridgeRow) error) error {
	for i := range s.book.Bridge {
		if err := fn(&s.book.Bridge[i]); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Payments implements source.Rows.
func (s *sheetSource) Payments(ctx context.Context, file string, fn func(*approval.Payment) error) error {
	f, ok := s.files[file]
	if !ok {
		return fault.New(fault.NotFound, "没有编号为 %s 的银行文件", file)
	}
	return batches.Payments(ctx, s.office.DB, s.office.Region, f, func(p approval.Payment) error {
		return fn(&p)
	})
}

// Debts implements source.Rows.
func (s *sheetSource) Debts(ctx context.Context, fn func(*source.OpenDebt) error) error {
	for i := range s.debts {
		row := source.OpenDebt(s.debts[i])
		if err := fn(&row); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Letters implements source.Rows.
func (s *sheetSource) Letters(ctx context.Context, fn func(*explain.Letter) error) error {
	for i := range s.book.Letters {
		if err := fn(&s.book.Letters[i]); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Recalls implements source.Rows.
func (s *sheetSource) Recalls(ctx context.Context, fn func(*explain.Recall) error) error {
	for i := range s.book.Recalls {
		if err := fn(&s.book.Recalls[i]); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Listing implements source.Rows.
func (s *sheetSource) Listing(ctx context.Context, item string, fn func(*explain.ListRow) error) error {
	for i := range s.book.Lists[item] {
		if err := fn(&s.book.Lists[item][i]); err != nil {
			return err
		}
	}
	return ctx.Err()
}
