package recovery

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/console/web"
	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/store/recovery"
)

// waiverAnswerers may answer a request for a write-off: 审批, and the 经办 who may withdraw their own.
var waiverAnswerers = []approval.Post{approval.Clerk, approval.Approver}

// register is the recovery register of all bureaus as of a revision.
type register struct {
	rev  int64
	rows []recovery.RegisterRow // sorted by street, ID number, month, item, payee; without Stop and Last, which addStops reads
}

// readRegister reads the register as of the present revision; cached by revision. It uses the
// server's context: others wait for the same register.
func readRegister(v *web.Visit) (*register, error) {
	of := v.Office
	rev, _, err := of.DB.Head(v.R.Context(), of.Region)
	if err != nil {
		return nil, err
	}
	return web.GetLatest(registerCache.Of(v.Server), "", fmt.Sprintf("%d/%s/%s", rev, of.Pack.Hash, v.ThisMonth()), func() (*register, error) {
		rows, err := recovery.RegisterSums(v.Server.Context, of.DB, of.Region, of.Pack, v.ThisMonth())
		order := payrun.Sorting{Pack: of.Pack}
		slices.SortFunc(rows, func(x, y recovery.RegisterRow) int {
			return cmp.Or(order.Streets(x.Street, x.ID, y.Street, y.ID), cmp.Compare(x.Month, y.Month),
				cmp.Compare(of.Pack.ItemOrder(x.Item), of.Pack.ItemOrder(y.Item)), cmp.Compare(x.Payee, y.Payee))
		})
		return &register{rev, rows}, err
	})
}

// debtFilter selects debts. Empty fields match all.
type debtFilter struct {
	Bureau, Street, Status, Name string
}

// debtStatuses are the choices of the filter by status.
var debtStatuses = []struct{ Key, Name string }{{"", "全部"}, {"none", "没有安排"}, {"plan", "分期还款"}, {"overdue", "分期逾期"}, {"waiver", "等核销答复"}, {"part", "已收回一部分"}}

// recoveryData is the data of the page of the register.
type recoveryData struct {
	debtFilter
	Rev      int64
	Origins  []recovery.RegisterOrigin
	Bureaus  []string
	Streets  []string
	Rows     []debtRow
	All      debtSums
	Next     string
	Notices  string // address of the notices of the debts on show; empty: choose a bureau first
	Pending  int    // pending requests for write-offs
	Clerk    bool
	Filtered bool
}

// debtRow is a row of the register.
type debtRow struct {
	recovery.RegisterRow
	ItemName      string
	PendingWaiver int // number of the pending request for a write-off; 0: none
}

// Key identifies the debt in forms.
func (r debtRow) Key() string { return r.Item + "|" + r.Month.String() + "|" + r.Payee }

// debtSums are sums of debts, in 分.
type debtSums struct {
	Debts, People                    int
	Open, Collected, Waived, Overdue money.Fen
}

func (s *debtSums) add(o *recovery.RegisterRow, another bool) {
	s.Debts++
	if another {
		s.People++
	}
	s.Open, s.Collected = s.Open.Add(o.Amount), s.Collected.Add(o.Collected)
	s.Waived, s.Overdue = s.Waived.Add(o.Waived), s.Overdue.Add(o.Overdue)
}

// pendingKey identifies the debt of a pending request for a write-off.
type pendingKey struct {
	person int64
	key    ledger.Key
}

// pendingWaivers reads the pending requests for write-offs that the user may see: their numbers
// by debt.
func pendingWaivers(v *web.Visit) (map[pendingKey]int, error) {
	all, err := recovery.PendingWaivers(v.R.Context(), v.Office.DB, v.Office.Region, v.User.Bureau)
	waiting := map[pendingKey]int{}
	for _, w := range all {
		waiting[pendingKey{w.Person, ledger.Key{Item: w.Item, Payee: w.Payee, Month: w.Month}}] = w.N
	}
	return waiting, err
}

// matches reports whether a debt matches the filter.
func (f *debtFilter) matches(r *debtRow) bool {
	if (f.Street != "" && r.Street != f.Street) || (f.Name != "" && !strings.Contains(r.Name, f.Name)) {
		return false
	}
	switch f.Status {
	case "none":
		return r.Plan.Months == 0 && r.PendingWaiver == 0
	case "plan":
		return r.Plan.Months > 0
	case "overdue":
		return r.Overdue > 0
	case "waiver":
		return r.PendingWaiver > 0
	case "part":
		return r.Collected > 0
	}
	return true
}

func (f *debtFilter) query(after string) url.Values {
	q := url.Values{}
	for _, x := range [][2]string{{"bureau", f.Bureau}, {"street", f.Street}, {"status", f.Status}, {"q", f.Name}, {"after", after}} {
		if x[1] != "" {
			q.Set(x[0], x[1])
		}
	}
	return q
}

// recoveryPage shows a page of the register.
func recoveryPage(v *web.Visit) error {
	reg, err := readRegister(v)
	if err != nil {
		return err
	}
	d := recoveryData{Rev: reg.rev, Clerk: v.User.Post == approval.Clerk}
	d.debtFilter = debtFilter{Bureau: v.Form("bureau"), Street: v.Form("street"), Status: v.Form("status"), Name: v.SearchTerm("q")}
	if v.User.Bureau != "" {
		d.Bureau = v.User.Bureau
	}
	waiting, err := pendingWaivers(v)
	if err != nil {
		return err
	}
	d.Pending, d.Filtered = len(waiting), d.Street+d.Status+d.Name != ""
	if err := addOrigins(v, &d); err != nil {
		return err
	}
	addDebts(v, &d, reg, waiting)
	if err := addStops(v, reg, d.Rows); err != nil {
		return err
	}
	if d.Bureau != "" && d.All.Debts > 0 {
		d.Notices = v.Address("/recovery/notices", (&debtFilter{Bureau: d.Bureau, Street: d.Street}).query(""))
	}
	return v.Page("recovery", "追缴台账", &d)
}

// addOrigins adds the latest batch of each bureau, from whose debts the register is computed.
func addOrigins(v *web.Visit, d *recoveryData) error {
	origins, err := recovery.RegisterOrigins(v.R.Context(), v.Office.DB, v.Office.Region)
	for _, o := range origins {
		if v.Sees(o.Batch.Bureau) && v.Office.Pack.Pays(o.Batch.Bureau) {
			d.Bureaus = append(d.Bureaus, o.Batch.Bureau)
			if d.Bureau == "" || d.Bureau == o.Batch.Bureau {
				d.Origins = append(d.Origins, o)
			}
		}
	}
	return err
}

// addDebts scans the register for sums, streets and one page of rows.
func addDebts(v *web.Visit, d *recoveryData, reg *register, waiting map[pendingKey]int) {
	after, last := v.Form("after"), int64(0)
	open := after == "" || !slices.ContainsFunc(reg.rows, func(o recovery.RegisterRow) bool { return debtCursor(&o) == after })
	for i := range reg.rows {
		o := &reg.rows[i]
		payer := v.Office.Pack.Payer(o.Item)
		if !v.Sees(payer) || (d.Bureau != "" && payer != d.Bureau) {
			continue
		}
		if !slices.Contains(d.Streets, o.Street) {
			d.Streets = append(d.Streets, o.Street)
		}
		row := debtRow{RegisterRow: *o, ItemName: v.ItemTitle(o.Item), PendingWaiver: waiting[pendingKey{o.Person, ledger.Key{Item: o.Item, Payee: o.Payee, Month: o.Month}}]}
		if d.matches(&row) {
			d.All.add(o, o.Person != last)
			last = o.Person
			switch {
			case !open:
			case len(d.Rows) < web.PageRows:
				d.Rows = append(d.Rows, row)
			case d.Next == "":
				d.Next = v.Address("/recovery", d.query(debtCursor(&d.Rows[web.PageRows-1].RegisterRow)))
			}
		}
		open = open || debtCursor(o) == after
	}
}

// addStops adds, for the debts on show, when payment should have stopped (应停月) and did (实停月).
// Computing that for the whole register would take too long.
func addStops(v *web.Visit, reg *register, rows []debtRow) error {
	debts := make([]payrun.Debt, len(rows))
	for i := range rows {
		debts[i] = rows[i].Debt
	}
	all, err := recovery.WithStatus(v.R.Context(), v.Office.DB, v.Office.Region, v.Office.Pack, reg.rev, v.ThisMonth(), debts)
	if err != nil {
		return err
	}
	for i := range all {
		rows[i].Stop, rows[i].Last = all[i].Stop, all[i].Last
	}
	return nil
}

// debtCursor is the cursor of a debt. It identifies the person by number, not by name or ID
// number, as it stands in addresses.
func debtCursor(o *recovery.RegisterRow) string {
	return fmt.Sprintf("%d.%s.%s.%s", o.Person, o.Month.Compact(), o.Item, o.Payee)
}

// Statuses are the choices of the filter, for the template.
func (d *recoveryData) Statuses() []struct{ Key, Name string } { return debtStatuses }

var registerCache = web.NewCache(web.LargeCache, func(x web.Latest[*register]) int64 { return 2 * web.SizeOf(x.Value.rows) })
