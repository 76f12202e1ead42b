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

// Who may answer a waiver: an 审批, and the 经办 who asked may withdraw it.
var waiverAnswerers = []approval.Post{approval.Clerk, approval.Approver}

func RecoveryRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /recovery", Search: true, Posts: web.Readers, Do: recoveryPage},
		{Pattern: "GET /recovery/notices", Posts: web.Readers, Do: recoveryNotices},
		{Pattern: "GET /recovery/person/{person}", Posts: web.Readers, Do: debtorPage},
		{Pattern: "GET /recovery/person/{person}/notice", Posts: web.Readers, Do: debtorNotice},
		{Pattern: "POST /recovery/person/{person}/collect", Posts: web.Clerk, Do: debtorCollect},
		{Pattern: "POST /recovery/person/{person}/plan", Posts: web.Clerk, Do: debtorPlan},
		{Pattern: "POST /recovery/person/{person}/endplan", Posts: web.Clerk, Do: debtorEndPlan},
		{Pattern: "POST /recovery/person/{person}/waive", Posts: web.Clerk, Do: debtorWaive},
		{Pattern: "GET /recovery/waivers", Posts: web.Readers, Do: waiversPage},
		{Pattern: "POST /recovery/waivers/{n}", Posts: waiverAnswerers, Do: waiverAnswer},
		{Pattern: "GET /recovery/opening", Posts: web.Clerk, Do: openingPage},
		{Pattern: "GET /recovery/opening/template", Posts: web.Clerk, Do: openingTemplate},
		{Pattern: "POST /recovery/opening", Posts: web.Clerk, Long: true, Do: openingUpload},
		{Pattern: "GET /recovery/opening/{upload}", Posts: web.Clerk, Do: openingTrial},
		{Pattern: "POST /recovery/opening/{upload}", Posts: web.Clerk, Do: openingTake},
		{Pattern: "GET /recovery/opening/{upload}/errors", Posts: web.Clerk, Do: openingErrors},
	}
}

// register is the recovery register of all bureaus as it stands at a revision.
type register struct {
	rev  int64
	rows []recovery.Owed // by street, ID number, month, item, payee; without Stop and Last
}

// readRegister is made once for each revision. It outlives the request that makes it: others
// wait for the same one.
func readRegister(v *web.Visit) (*register, error) {
	of := v.Office
	rev, _, err := of.DB.Head(v.R.Context(), of.Region)
	if err != nil {
		return nil, err
	}
	return web.Newest(registerCache.Of(v.Server), "", fmt.Sprintf("%d/%s/%s", rev, of.Pack.Hash, v.ThisMonth()), func() (*register, error) {
		rows, err := recovery.RegisterSums(v.Life, of.DB, of.Region, of.Pack, v.ThisMonth())
		order := payrun.Sorting{Pack: of.Pack}
		slices.SortFunc(rows, func(x, y recovery.Owed) int {
			return cmp.Or(order.Streets(x.Street, x.ID, y.Street, y.ID), cmp.Compare(x.Month, y.Month),
				cmp.Compare(of.Pack.ItemOrder(x.Item), of.Pack.ItemOrder(y.Item)), cmp.Compare(x.Payee, y.Payee))
		})
		return &register{rev, rows}, err
	})
}

// debtFilter is what the register is narrowed to.
type debtFilter struct {
	Bureau, Street, Status, Name string
}

// The states that debts can be looked for by.
var debtStatuses = []struct{ Key, Name string }{{"", "全部"}, {"none", "没有安排"}, {"plan", "分期还款"}, {"overdue", "分期逾期"}, {"waiver", "等核销答复"}, {"part", "已收回一部分"}}

// recoveryData is the page of the register.
type recoveryData struct {
	debtFilter
	Rev      int64
	Origins  []recovery.RegisterOrigin
	Bureaus  []string
	Streets  []string
	Rows     []debtRow
	All      debtSums
	Next     string
	Notices  string // address of the notices of what is shown; empty: choose a bureau first
	Pending  int    // waivers that wait
	Clerk    bool
	Filtered bool
}

// debtRow is a row of the register.
type debtRow struct {
	recovery.Owed
	ItemName string
	Waits    int // number of the waiver request that waits; 0: none
}

// Key names the debt in forms.
func (r debtRow) Key() string { return r.Item + "|" + r.Month.String() + "|" + r.Payee }

// debtSums add debts up.
type debtSums struct {
	Debts, People                    int
	Open, Collected, Waived, Overdue money.Fen
}

func (s *debtSums) add(o *recovery.Owed, another bool) {
	s.Debts++
	if another {
		s.People++
	}
	s.Open, s.Collected = s.Open.Add(o.Amount), s.Collected.Add(o.Collected)
	s.Waived, s.Overdue = s.Waived.Add(o.Waived), s.Overdue.Add(o.Overdue)
}

// waitingWaivers are the numbers of waiting requests by person and key, of what the user sees.
type waitingKey struct {
	person int64
	key    ledger.Key
}

func waitingWaivers(v *web.Visit) (map[waitingKey]int, error) {
	all, err := recovery.PendingWaivers(v.R.Context(), v.Office.DB, v.Office.Region, v.User.Bureau)
	waiting := map[waitingKey]int{}
	for _, w := range all {
		waiting[waitingKey{w.Person, ledger.Key{Item: w.Item, Payee: w.Payee, Month: w.Month}}] = w.N
	}
	return waiting, err
}

// takes reports whether a debt is one of those asked for.
func (f *debtFilter) takes(r *debtRow) bool {
	if (f.Street != "" && r.Street != f.Street) || (f.Name != "" && !strings.Contains(r.Name, f.Name)) {
		return false
	}
	switch f.Status {
	case "none":
		return r.Plan.Months == 0 && r.Waits == 0
	case "plan":
		return r.Plan.Months > 0
	case "overdue":
		return r.Overdue > 0
	case "waiver":
		return r.Waits > 0
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

// recoveryPage shows the register, 50 debts at a time.
func recoveryPage(v *web.Visit) error {
	reg, err := readRegister(v)
	if err != nil {
		return err
	}
	d := recoveryData{Rev: reg.rev, Clerk: v.User.Post == approval.Clerk}
	d.debtFilter = debtFilter{Bureau: v.Form("bureau"), Street: v.Form("street"), Status: v.Form("status"), Name: v.Asked("q")}
	if v.User.Bureau != "" {
		d.Bureau = v.User.Bureau
	}
	waiting, err := waitingWaivers(v)
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

// addOrigins says by which batches the register stands.
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

// addDebts goes over the register for sums, streets and one page of rows.
func addDebts(v *web.Visit, d *recoveryData, reg *register, waiting map[waitingKey]int) {
	after, last := v.Form("after"), int64(0)
	open := after == "" || !slices.ContainsFunc(reg.rows, func(o recovery.Owed) bool { return debtPlace(&o) == after })
	for i := range reg.rows {
		o := &reg.rows[i]
		payer := v.Office.Pack.Payer(o.Item)
		if !v.Sees(payer) || (d.Bureau != "" && payer != d.Bureau) {
			continue
		}
		if !slices.Contains(d.Streets, o.Street) {
			d.Streets = append(d.Streets, o.Street)
		}
		row := debtRow{Owed: *o, ItemName: v.ItemTitle(o.Item), Waits: waiting[waitingKey{o.Person, ledger.Key{Item: o.Item, Payee: o.Payee, Month: o.Month}}]}
		if d.takes(&row) {
			d.All.add(o, o.Person != last)
			last = o.Person
			switch {
			case !open:
			case len(d.Rows) < web.BankRows:
				d.Rows = append(d.Rows, row)
			case d.Next == "":
				d.Next = v.Address("/recovery", d.query(debtPlace(&d.Rows[web.BankRows-1].Owed)))
			}
		}
		open = open || debtPlace(o) == after
	}
}

// addStops tells of the debts on show when paying should have stopped, and did.
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

// debtPlace names a debt in the addresses of pages, without saying whose it is.
func debtPlace(o *recovery.Owed) string {
	return fmt.Sprintf("%d.%s.%s.%s", o.Person, o.Month.Compact(), o.Item, o.Payee)
}

// Statuses are what the register can be looked through for.
func (d *recoveryData) Statuses() []struct{ Key, Name string } { return debtStatuses }

var registerCache = web.NewKind(web.LargeRoom, func(x web.Last[*register]) int64 { return 2 * web.SizeOf(x.Value.rows) })
