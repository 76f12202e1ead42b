package finance

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"disburse/internal/journal"
	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/payrun"
	"disburse/internal/store/recovery"
)

// Register is what is still owed back (追缴台账), by street, and how it stands.
func Register(ctx context.Context, o *office.Office, by journal.By) ([]recovery.RegisterRow, error) {
	owed, err := recovery.RegisterWithStatus(ctx, o.DB, o.Region, o.Pack, office.Today(by).Month())
	if err != nil {
		return nil, err
	}
	order := payrun.Sorting{Pack: o.Pack}
	slices.SortFunc(owed, func(x, y recovery.RegisterRow) int {
		return cmp.Or(order.Streets(x.Street, x.ID, y.Street, y.ID), cmp.Compare(x.Month, y.Month),
			cmp.Compare(o.Pack.ItemOrder(x.Item), o.Pack.ItemOrder(y.Item)), cmp.Compare(x.Payee, y.Payee))
	})
	return owed, o.LogAccess(ctx, by, journal.Viewed, "追缴台账", 0)
}

// RegisterAge says what the register does not know yet (a death, an import undone …);
// empty where it is up to date.
func RegisterAge(ctx context.Context, o *office.Office) (string, error) {
	var payers []string
	for _, it := range o.Pack.Items() {
		if it.Pay != nil {
			payers = append(payers, o.Pack.Payer(it.Code.Value))
		}
	}
	age, err := recovery.ReadRegisterAge(ctx, o.DB, o.Region, payers)
	if err != nil || age.Since == 0 {
		return "", err
	}
	return fmt.Sprintf("台账截至第 %d 号修订（%s的计算）；其后有 %d 次修订涉及人员情况或发放，重新计算后更新", age.Revision, age.Month.Chinese(), age.Since), nil
}

// RecoveryOrder is what somebody does, for By.Reason, about the debts of one person.
type RecoveryOrder struct {
	ID     string      // 身份证号, as roster.CleanID leaves it
	Item   string      // only debts of this item; empty: of all items of the user's bureau
	Payee  string      // only of this payee; empty: of all
	Month  month.Month // only of this benefit month; 0: of all
	Amount money.Fen
	Once   bool       // of Collect: not twice for the same reason
	By     journal.By // of an authenticated user
}

func recoveryOrder(o *office.Office, x *RecoveryOrder) recovery.Order {
	return recovery.Order{Region: o.Region, Pack: o.Pack, ID: x.ID, Item: x.Item, Payee: x.Payee, Month: x.Month,
		Amount: x.Amount, User: office.User(x.By), By: x.By, Once: x.Once}
}

// Collect notes money that came back outside a batch (收回).
func Collect(ctx context.Context, o *office.Office, x *RecoveryOrder) (*recovery.Recovered, error) {
	return recovery.Collect(ctx, o.DB, recoveryOrder(o, x))
}

// AgreePlan notes an agreement on instalments (分期); the sum is the order's amount.
func AgreePlan(ctx context.Context, o *office.Office, x *RecoveryOrder, first month.Month, months int) (ledger.Plan, *recovery.Recovered, error) {
	plan := ledger.Plan{Sum: x.Amount, First: first, Months: months}
	done, err := recovery.Agree(ctx, o.DB, recoveryOrder(o, x), plan)
	return plan, done, err
}

// EndPlan ends an agreement on instalments.
func EndPlan(ctx context.Context, o *office.Office, x *RecoveryOrder) (*recovery.Recovered, error) {
	return recovery.EndPlan(ctx, o.DB, recoveryOrder(o, x))
}

// AskWaiver asks for a debt to be given up (申请核销).
func AskWaiver(ctx context.Context, o *office.Office, x *RecoveryOrder) (recovery.WaiverRequest, error) {
	return recovery.AskWaiver(ctx, o.DB, recoveryOrder(o, x))
}

// AnswerWaiver confirms request n, or refuses it for By.Reason.
func AnswerWaiver(ctx context.Context, o *office.Office, n int, grant bool, by journal.By) (recovery.WaiverRequest, error) {
	return recovery.AnswerWaiver(ctx, o.DB, recovery.WaiverAnswer{Region: o.Region, Pack: o.Pack, N: n, Grant: grant, User: office.User(by), By: by})
}

// Waivers lists all requests (核销申请).
func Waivers(ctx context.Context, o *office.Office, by journal.By) ([]recovery.WaiverRequest, error) {
	all, err := recovery.WaiverRequests(ctx, o.DB, o.Region)
	if err != nil {
		return nil, err
	}
	return all, o.LogAccess(ctx, by, journal.Viewed, "核销申请", 0)
}
