package recovery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/packs"
	"disburse/internal/store/payments"
	"disburse/internal/store/people"
)

// ImportedOpenings returns the earlier imports of opening entries with this content by a
// bureau (empty: by any), newest first.
func ImportedOpenings(ctx context.Context, db *postgres.DB, region int32, bureau, sha256 string) ([]payments.ImportedFile, error) {
	var all []payments.ImportedFile
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		var err error
		all, err = payments.ImportedFiles(ctx, scope, bureau, openingAction, sha256)
		return err
	})
	return all, err
}

// openingAction is the journal's action for importing opening entries.
const openingAction = "导入期初"

// OpeningOrder asks for a workbook of opening entries (期初), read beforehand, to be imported.
type OpeningOrder struct {
	Region  int32
	In      *roster.OpeningImport
	Opening month.Month // 期初月 of a region that has none yet; 0: the one it has
	By      journal.By
	DryRun  bool // do the work and roll it back
}

// OpeningReport is the outcome of an import of opening entries.
type OpeningReport struct {
	Rev       int64 // the new revision, in a dry run the one it would be; 0: nothing was new
	Opening   month.Month
	Changed   int       // rows that changed something
	Unchanged int       // rows equal to what is stored
	Overpaid  money.Fen // 分, by the accepted rows: to be recovered
	Owed      money.Fen // 分, by the accepted rows: still to be paid
	Problems  []roster.Problem
	Refused   int // rows
	Warnings  []roster.Problem
}

// ImportOpening imports opening entries: for each row a ledger entry of kind 5 with the
// difference to what was stated for its key before. So it is idempotent, and a corrected
// workbook corrects. Rows of people not on the roster, of months from the opening month on,
// or with a key that a batch in signing has a line of are refused with a reason and do not
// affect the others. Errors: fault.NotFound (region), fault.Invalid (no opening month, or
// another one), fault.Refused (frozen days).
func ImportOpening(ctx context.Context, db *postgres.DB, o OpeningOrder) (*OpeningReport, error) {
	var report *OpeningReport
	_, err := db.Change(ctx, o.Region, o.By, func(scope postgres.Scope) (journal.Entry, error) {
		m := &openingImporter{Scope: scope, order: o}
		if err := m.run(ctx); err != nil {
			return journal.Entry{}, err
		}
		report = &m.report
		switch {
		case report.Changed == 0:
			return journal.Entry{}, postgres.ErrNoChange
		case o.DryRun:
			report.Rev = scope.Rev
			return journal.Entry{}, postgres.ErrDryRun
		}
		report.Rev = scope.Rev
		return journal.Entry{Action: openingAction, Subject: o.In.File, Digest: o.In.SHA256, Summary: report.summary()}, nil
	})
	if err != nil && !errors.Is(err, postgres.ErrDryRun) {
		return nil, err
	}
	return report, nil
}

func (r *OpeningReport) summary() string {
	return fmt.Sprintf("变更 %d 行，与已知相同 %d 行，退回 %d 行；多付 %s 元，欠付 %s 元",
		r.Changed, r.Unchanged, r.Refused, r.Overpaid.Grouped(), r.Owed.Grouped())
}

// openingImporter is the state of one import, with the region locked.
type openingImporter struct {
	postgres.Scope
	order  OpeningOrder
	merged people.Merges
	report OpeningReport
}

// openingLine is a row with its person and what was stated before for its key.
type openingLine struct {
	*roster.OpeningRow
	person int64
	was    money.Fen
	basis  string
}

func (m *openingImporter) run(ctx context.Context) error {
	if err := packs.CheckNotFrozen(ctx, m.Scope, m.order.By.At, openingAction); err != nil {
		return err
	}
	if err := m.openingMonth(ctx); err != nil {
		return err
	}
	in := m.order.In
	m.report.Problems, m.report.Warnings = slices.Clone(in.Problems), in.Warnings
	lines, err := m.checkRows(ctx)
	if err != nil {
		return err
	}
	if err := m.readStated(ctx, lines); err != nil {
		return err
	}
	refused := map[roster.Place]bool{}
	for _, p := range m.report.Problems {
		refused[p.Place] = true
	}
	m.report.Refused = len(refused)
	return m.write(ctx, lines)
}

// openingMonth reads the region's opening month, or sets it if there is none.
func (m *openingImporter) openingMonth(ctx context.Context) error {
	var stored *time.Time
	if err := m.Tx.QueryRow(ctx, `SELECT opening_month FROM region WHERE region = $1`, m.order.Region).Scan(&stored); err != nil {
		return fmt.Errorf("read opening month: %w", err)
	}
	asked := m.order.Opening
	if stored != nil {
		m.report.Opening = month.FromTime(*stored).Month()
		if asked != 0 && asked != m.report.Opening {
			return fault.Command(fault.New(fault.Invalid, "期初月已经定为 %s，不能改为 %s；请不要再填期初月", m.report.Opening, asked), "--opening")
		}
		return nil
	}
	if asked == 0 {
		return fault.Command(fault.New(fault.Invalid, "还没有定期初月，请写明本系统第一次运行的月份"), "--opening YYYY-MM")
	}
	m.report.Opening = asked
	return SetOpening(ctx, m.Scope, asked, false)
}

// checkRows returns the accepted rows with their people, and reports the refused ones.
func (m *openingImporter) checkRows(ctx context.Context) ([]openingLine, error) {
	var err error
	if m.merged, err = people.ReadMerges(ctx, m.Scope); err != nil {
		return nil, err
	}
	people, err := m.people(ctx)
	if err != nil {
		return nil, err
	}
	payees, err := m.payees(ctx)
	if err != nil {
		return nil, err
	}
	signing, err := m.inSigning(ctx)
	if err != nil {
		return nil, err
	}
	var lines []openingLine
	for i := range m.order.In.Rows {
		r := &m.order.In.Rows[i]
		who, known := people[r.ID]
		switch {
		case !known || who.person == 0:
			m.refuse(r, roster.OpeningID, "花名册里没有这个人，请先导入花名册")
		case who.now != r.ID:
			m.refuse(r, roster.OpeningID, "是旧号码，此人现在的号码是 "+roster.MaskID(who.now)+"，请改填")
		case r.Month >= m.report.Opening:
			m.refuse(r, roster.OpeningMonth, "不早于期初月 "+m.report.Opening.String()+"，期初月起由本系统计算，不能记期初")
		case r.Payee != roster.Myself && !payees[r.Payee]:
			m.refuse(r, roster.OpeningPayee, "花名册的“收款单位”里没有这个单位，请先导入，或空着表示本人")
		case signing[payments.DueKey{Person: who.person, Item: r.Item, Payee: r.Payee, Month: r.Month}]:
			m.refuse(r, roster.OpeningID, "正在签批的批次里有此人这一项目这个月的款项，请等它审批通过，或先退回")
		default:
			lines = append(lines, openingLine{OpeningRow: r, person: who.person})
		}
	}
	return lines, nil
}

func (m *openingImporter) refuse(r *roster.OpeningRow, col roster.OpeningColumn, reason string) {
	m.report.Problems = append(m.report.Problems, r.Problem(col, reason))
}

// readStated sets what was stated before: the sum of ledger entries of kind 5, also of merged
// records, and the last basis.
func (m *openingImporter) readStated(ctx context.Context, lines []openingLine) error {
	people := make([]int64, len(lines))
	at := map[payments.DueKey]*openingLine{}
	for i := range lines {
		l := &lines[i]
		people[i] = l.person
		at[payments.DueKey{Person: l.person, Item: l.Item, Payee: l.Payee, Month: l.Month}] = l
	}
	rows, err := m.Tx.Query(ctx, `
		SELECT e.person, e.item, e.payee, e.month, sum(e.amount)::bigint, coalesce((
		    SELECT basis FROM opening_statement s WHERE (s.region, s.person, s.item, s.payee, s.month) = ($1, e.person, e.item, e.payee, e.month)
		    ORDER BY rev DESC LIMIT 1), '')
		FROM ledger e WHERE e.region = $1 AND e.person = ANY($2) AND e.kind = 5
		GROUP BY e.person, e.item, e.payee, e.month`, m.order.Region, m.merged.WithMerged(people))
	if err != nil {
		return fmt.Errorf("read opening entries: %w", err)
	}
	var k payments.DueKey
	var of time.Time
	var sum money.Fen
	var basis string
	_, err = pgx.ForEachRow(rows, []any{&k.Person, &k.Item, &k.Payee, &of, &sum, &basis}, func() error {
		k.Month = month.FromTime(of).Month()
		self := k.Person
		k.Person = m.merged.Survivor(self)
		if l := at[k]; l != nil {
			l.was = l.was.Add(sum)
			if self == k.Person {
				l.basis = basis
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read opening entries: %w", err)
	}
	return nil
}

// write inserts the differences into the ledger and the rows into opening_statement.
func (m *openingImporter) write(ctx context.Context, lines []openingLine) error {
	var changed, entered []openingLine
	for _, l := range lines {
		m.report.Overpaid = m.report.Overpaid.Add(max(0, l.Amount))
		m.report.Owed = m.report.Owed.Add(max(0, -l.Amount))
		same := l.Amount == l.was && (l.Basis == l.basis || l.Amount == 0)
		if same {
			m.report.Unchanged++
			continue
		}
		changed = append(changed, l)
		if l.Amount != l.was {
			entered = append(entered, l)
		}
	}
	m.report.Changed = len(changed)
	err := postgres.CopyRows(ctx, m.Tx, `COPY opening_statement (region, person, item, payee, month, rev, amount, basis) FROM STDIN (FORMAT binary)`,
		len(changed), func(w *postgres.RowWriter, i int) {
			l := &changed[i]
			w.Row(8)
			m.writeKey(w, l)
			w.Int64(m.Rev)
			w.Int64(int64(l.Amount))
			w.Text(l.Basis)
		})
	if err != nil {
		return fmt.Errorf("write opening statements: %w", err)
	}
	err = postgres.CopyRows(ctx, m.Tx, `COPY ledger (region, person, item, payee, month, rev, against, kind, amount, batch) FROM STDIN (FORMAT binary)`,
		len(entered), func(w *postgres.RowWriter, i int) {
			l := &entered[i]
			w.Row(10)
			m.writeKey(w, l)
			w.Int64(m.Rev)
			w.Text(l.Item)
			w.Int16(int16(ledger.Opening))
			w.Int64(int64(l.Amount.Sub(l.was)))
			w.Int32(0)
		})
	if err != nil {
		return fmt.Errorf("write opening entries: %w", err)
	}
	return nil
}

func (m *openingImporter) writeKey(w *postgres.RowWriter, l *openingLine) {
	w.Int32(m.order.Region)
	w.Int64(l.person)
	w.Text(l.Item)
	w.Text(l.Payee)
	w.Month(l.Month)
}
