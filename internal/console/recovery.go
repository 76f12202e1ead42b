package console

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// Who may answer a waiver: an 审批, and the 经办 who asked may withdraw it.
var waiverAnswerers = []approval.Post{approval.Clerk, approval.Approver}

func recoveryRoutes() []route {
	return []route{
		{pattern: "GET /recovery", search: true, posts: readers, do: (*visit).recoveryPage},
		{pattern: "GET /recovery/notices", posts: readers, do: (*visit).recoveryNotices},
		{pattern: "GET /recovery/person/{person}", posts: readers, do: (*visit).debtorPage},
		{pattern: "GET /recovery/person/{person}/notice", posts: readers, do: (*visit).debtorNotice},
		{pattern: "POST /recovery/person/{person}/collect", posts: clerk, do: (*visit).debtorCollect},
		{pattern: "POST /recovery/person/{person}/plan", posts: clerk, do: (*visit).debtorPlan},
		{pattern: "POST /recovery/person/{person}/endplan", posts: clerk, do: (*visit).debtorEndPlan},
		{pattern: "POST /recovery/person/{person}/waive", posts: clerk, do: (*visit).debtorWaive},
		{pattern: "GET /recovery/waivers", posts: readers, do: (*visit).waiversPage},
		{pattern: "POST /recovery/waivers/{n}", posts: waiverAnswerers, do: (*visit).waiverAnswer},
		{pattern: "GET /recovery/opening", posts: clerk, do: (*visit).openingPage},
		{pattern: "GET /recovery/opening/template", posts: clerk, do: (*visit).openingTemplate},
		{pattern: "POST /recovery/opening", posts: clerk, long: true, do: (*visit).openingUpload},
		{pattern: "GET /recovery/opening/{upload}", posts: clerk, do: (*visit).openingTrial},
		{pattern: "POST /recovery/opening/{upload}", posts: clerk, do: (*visit).openingTake},
		{pattern: "GET /recovery/opening/{upload}/errors", posts: clerk, do: (*visit).openingErrors},
	}
}

// register is the recovery register of all bureaus as it stands at a revision.
type register struct {
	rev  int64
	rows []postgres.Owed // by street, ID number, month, item, payee; without Stop and Last
}

// register is made once for each revision. It outlives the request that makes it: others
// wait for the same one.
func (v *visit) register() (*register, error) {
	of := v.office
	rev, _, err := of.DB.Head(v.r.Context(), of.Region)
	if err != nil {
		return nil, err
	}
	return newest(registerCache.of(v.Server), "", fmt.Sprintf("%d/%s/%s", rev, of.Pack.Hash, v.thisMonth()), func() (*register, error) {
		rows, err := of.DB.RegisterSums(v.life, of.Region, of.Pack, v.thisMonth())
		order := payrun.Sorting{Pack: of.Pack}
		slices.SortFunc(rows, func(x, y postgres.Owed) int {
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
	Origins  []postgres.RegisterOrigin
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
	postgres.Owed
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

func (s *debtSums) add(o *postgres.Owed, another bool) {
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

func (v *visit) waitingWaivers() (map[waitingKey]int, error) {
	all, err := v.office.DB.PendingWaivers(v.r.Context(), v.office.Region, v.user.Bureau)
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
func (v *visit) recoveryPage() error {
	reg, err := v.register()
	if err != nil {
		return err
	}
	d := recoveryData{Rev: reg.rev, Clerk: v.user.Post == approval.Clerk}
	d.debtFilter = debtFilter{Bureau: v.form("bureau"), Street: v.form("street"), Status: v.form("status"), Name: v.asked("q")}
	if v.user.Bureau != "" {
		d.Bureau = v.user.Bureau
	}
	waiting, err := v.waitingWaivers()
	if err != nil {
		return err
	}
	d.Pending, d.Filtered = len(waiting), d.Street+d.Status+d.Name != ""
	if err := v.addOrigins(&d); err != nil {
		return err
	}
	v.addDebts(&d, reg, waiting)
	if err := v.addStops(reg, d.Rows); err != nil {
		return err
	}
	if d.Bureau != "" && d.All.Debts > 0 {
		d.Notices = v.address("/recovery/notices", (&debtFilter{Bureau: d.Bureau, Street: d.Street}).query(""))
	}
	return v.page("recovery", "追缴台账", &d)
}

// addOrigins says by which batches the register stands.
func (v *visit) addOrigins(d *recoveryData) error {
	origins, err := v.office.DB.RegisterOrigins(v.r.Context(), v.office.Region)
	for _, o := range origins {
		if v.sees(o.Batch.Bureau) && v.office.Pack.Pays(o.Batch.Bureau) {
			d.Bureaus = append(d.Bureaus, o.Batch.Bureau)
			if d.Bureau == "" || d.Bureau == o.Batch.Bureau {
				d.Origins = append(d.Origins, o)
			}
		}
	}
	return err
}

// addDebts goes over the register for sums, streets and one page of rows.
func (v *visit) addDebts(d *recoveryData, reg *register, waiting map[waitingKey]int) {
	after, last := v.form("after"), int64(0)
	open := after == "" || !slices.ContainsFunc(reg.rows, func(o postgres.Owed) bool { return debtPlace(&o) == after })
	for i := range reg.rows {
		o := &reg.rows[i]
		payer := v.office.Pack.Payer(o.Item)
		if !v.sees(payer) || (d.Bureau != "" && payer != d.Bureau) {
			continue
		}
		if !slices.Contains(d.Streets, o.Street) {
			d.Streets = append(d.Streets, o.Street)
		}
		row := debtRow{Owed: *o, ItemName: v.itemTitle(o.Item), Waits: waiting[waitingKey{o.Person, ledger.Key{Item: o.Item, Payee: o.Payee, Month: o.Month}}]}
		if d.takes(&row) {
			d.All.add(o, o.Person != last)
			last = o.Person
			switch {
			case !open:
			case len(d.Rows) < bankRows:
				d.Rows = append(d.Rows, row)
			case d.Next == "":
				d.Next = v.address("/recovery", d.query(debtPlace(&d.Rows[bankRows-1].Owed)))
			}
		}
		open = open || debtPlace(o) == after
	}
}

// addStops tells of the debts on show when paying should have stopped, and did.
func (v *visit) addStops(reg *register, rows []debtRow) error {
	debts := make([]payrun.Debt, len(rows))
	for i := range rows {
		debts[i] = rows[i].Debt
	}
	all, err := v.office.DB.Standings(v.r.Context(), v.office.Region, v.office.Pack, reg.rev, v.thisMonth(), debts)
	if err != nil {
		return err
	}
	for i := range all {
		rows[i].Stop, rows[i].Last = all[i].Stop, all[i].Last
	}
	return nil
}

// debtPlace names a debt in the addresses of pages, without saying whose it is.
func debtPlace(o *postgres.Owed) string {
	return fmt.Sprintf("%d.%s.%s.%s", o.Person, o.Month.Compact(), o.Item, o.Payee)
}

// Statuses are what the register can be looked through for.
func (d *recoveryData) Statuses() []struct{ Key, Name string } { return debtStatuses }

var registerCache = newKind(largeRoom, func(x last[*register]) int64 { return 2 * sizeOf(x.value.rows) })
