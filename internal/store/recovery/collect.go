package recovery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
	"disburse/internal/store/packs"
	"disburse/internal/store/people"
	"disburse/internal/store/users"
)

// Order is what somebody does about the debts (多发款项) of one person.
type Order struct {
	Region int32
	Pack   *policy.Pack // the rules in force: they say what is owed back
	ID     string       // 身份证号, as roster.CleanID leaves it
	Item   string       // only debts of this item; empty: of all items of the user's bureau
	Payee  string       // only of this payee; empty: of all
	Month  month.Month  // only of this benefit month; 0: of all
	Amount money.Fen    // 分
	User   approval.User
	By     journal.By // Actor is replaced by the user's name; Reason is required
	Once   bool       // the same sum is not collected twice for the same reason: two windows may send one receipt
}

func (o Order) own() Order {
	o.By.Actor, o.By.Reason = o.User.Name, strings.TrimSpace(o.By.Reason)
	return o
}

// Recovered says how a sum was shared.
type Recovered struct {
	Person roster.Person
	Shares []ledger.Share
	Left   money.Fen // 分, what is still open of the debts that were asked about
	Stale  bool      // a batch that nobody submitted must be run again
	Rev    int64
}

// Collect records money that came in from somebody who was overpaid (收回). It is
// shared among the debts, oldest month first, items in list order, by ledger entries of
// kind 4 that lower what is settled; so what later turns out to be due after all is paid
// back by the next run. Errors: fault.NotFound (person, item), fault.Invalid (amount, no
// reason), fault.Denied (user, bureau), fault.Refused (more than is open, a debt that a
// batch in signing nets, frozen days).
func Collect(ctx context.Context, db *postgres.DB, o Order) (*Recovered, error) {
	o = o.own()
	const what = "登记收回"
	if o.Amount <= 0 {
		return nil, fault.New(fault.Invalid, "收回的金额应大于 0，不能是 %s 元", o.Amount)
	}
	var done *Recovered
	rev, err := db.Change(ctx, o.Region, o.By, func(scope postgres.Scope) (journal.Entry, error) {
		who, debts, err := openDebts(ctx, scope.Tx, o, what)
		if err != nil {
			return journal.Entry{}, err
		}
		shares, rest := ledger.Allocate(debts, o.Amount)
		if rest > 0 {
			return journal.Entry{}, tooMuch(o, who, debts)
		}
		if err := notInSigning(ctx, scope, who, shares, what); err != nil {
			return journal.Entry{}, err
		}
		if err := onlyOnce(ctx, scope.Tx, o, who, what); err != nil {
			return journal.Entry{}, err
		}
		if err := enterCollected(ctx, scope, who.Number, shares); err != nil {
			return journal.Entry{}, err
		}
		done = &Recovered{Person: who.Person, Shares: shares, Left: ledger.Total(debts).Sub(o.Amount)}
		done.Stale, err = crossesDraft(ctx, scope, shares)
		return journal.Entry{Action: what, Subject: people.SubjectOf(who), Summary: collected(o.Amount) + describeShares(shares)}, err
	})
	if err != nil {
		return nil, err
	}
	done.Rev = rev
	return done, nil
}

// collected begins the journal's summary of a sum collected.
func collected(sum money.Fen) string { return "收回 " + sum.Grouped() + " 元：" }

// onlyOnce refuses a sum that was collected of the person before for the same reason,
// where the order asks for that.
func onlyOnce(ctx context.Context, tx pgx.Tx, o Order, who *roster.Dossier, what string) error {
	if !o.Once {
		return nil
	}
	var rev int64
	err := tx.QueryRow(ctx, `
		SELECT coalesce(min(rev), 0) FROM journal WHERE region = $1 AND action = $2 AND subject = $3 AND reason = $4
		  AND left(summary, length($5)) = $5`, o.Region, what, people.SubjectOf(who), o.By.Reason, collected(o.Amount)).Scan(&rev)
	if err != nil {
		return fmt.Errorf("look for the same sum: %w", err)
	}
	if rev != 0 {
		return fault.New(fault.Refused, "%s的这笔收回（%s 元，日期和依据相同）已在第 %d 号修订登记，没有再登记；确实是另一笔的，请在依据里写明它自己的收据号",
			people.NameOf(who), o.Amount.Grouped(), rev)
	}
	return nil
}

func enterCollected(ctx context.Context, scope postgres.Scope, person int64, shares []ledger.Share) error {
	items, payees, months, amounts := keyArrays(shares)
	_, err := scope.Tx.Exec(ctx, `
		INSERT INTO ledger (region, person, item, payee, month, rev, against, kind, amount, batch)
		SELECT $1, $2, item, payee, month, $3, item, 4, -amount, 0
		FROM unnest($4::text[], $5::text[], $6::date[], $7::bigint[]) AS s (item, payee, month, amount)`,
		scope.Region, person, scope.Rev, items, payees, months, amounts)
	if err != nil {
		return fmt.Errorf("insert collected: %w", err)
	}
	return nil
}

// openDebts finds the person and the debts that the order is about, of the bureau of
// the user, who must be allowed to act on them.
func openDebts(ctx context.Context, tx pgx.Tx, o Order, what string) (*roster.Dossier, []ledger.Share, error) {
	user, err := recoveryUser(ctx, tx, o, what)
	if err != nil {
		return nil, nil, err
	}
	head, err := postgres.ReadHead(ctx, tx, o.Region, "")
	if err != nil {
		return nil, nil, err
	}
	who, err := people.FindDossierIn(ctx, postgres.In(tx, o.Region), o.ID, head.Rev)
	if err != nil {
		return nil, nil, err
	}
	p, err := newPositions(ctx, postgres.In(tx, o.Region).At(head.Rev), o.Pack)
	if err != nil {
		return nil, nil, err
	}
	all, err := p.of(ctx, []*roster.Dossier{who})
	if err != nil {
		return nil, nil, err
	}
	debts := slices.DeleteFunc(ledger.Debts(all[who.Number], o.Pack.ItemOrder), func(s ledger.Share) bool {
		return o.Pack.Payer(s.Item) != user.Bureau || (o.Item != "" && s.Item != o.Item) ||
			(o.Payee != "" && s.Payee != o.Payee) || (o.Month != 0 && s.Month != o.Month)
	})
	if len(debts) == 0 {
		return nil, nil, fault.Command(fault.New(fault.Refused, "%s%s没有未收回的多发款项，请核对追缴台账", people.NameOf(who), selected(o)), "disburse recovery")
	}
	return who, debts, nil
}

// recoveryUser reads the user again and looks at the post, the bureau and the calendar.
func recoveryUser(ctx context.Context, tx pgx.Tx, o Order, what string) (approval.User, error) {
	user, err := users.Current(ctx, postgres.In(tx, o.Region), o.User.Name)
	if err != nil {
		return user, err
	}
	bureau := ""
	if o.Item != "" {
		if _, err := o.Pack.Item(o.Item); err != nil {
			return user, err
		}
		bureau = o.Pack.Payer(o.Item)
	}
	if err := approval.CheckRecovery(user, bureau, what, o.By.Reason); err != nil {
		return user, err
	}
	return user, packs.NotFrozen(ctx, postgres.In(tx, o.Region), o.By.At, what)
}

// notInSigning refuses while a batch that is being signed has a line of one of the
// debts: it nets the debt, or pays for the month, on the footing of what was open then.
func notInSigning(ctx context.Context, scope postgres.Scope, who *roster.Dossier, shares []ledger.Share, what string) error {
	items, payees, months, _ := keyArrays(shares)
	b, err := batches.OneBatch(ctx, scope.Tx, `AND b.state IN ('submitted', 'reviewed', 'endorsed') AND EXISTS (
		SELECT FROM draft_line l WHERE l.region = b.region AND l.batch = b.batch AND l.person = $2
		  AND (l.item, l.payee, l.month) IN (SELECT * FROM unnest($3::text[], $4::text[], $5::date[])))
		ORDER BY b.batch LIMIT 1`, scope.Region, who.Number, items, payees, months)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return fault.New(fault.Refused, "%s正在签批，其中有%s的这笔款项（已在批次里扣回或发放），现在%s会重复，请等它审批通过，或先退回", approval.Title(b), people.NameOf(who), what)
}

// crossesDraft reports whether a batch that nobody has submitted was computed with one of
// the debts: it must be run again before it can be.
func crossesDraft(ctx context.Context, scope postgres.Scope, shares []ledger.Share) (bool, error) {
	items, _, _, _ := keyArrays(shares)
	var stale bool
	err := scope.Tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM batch b JOIN batch_item i USING (region, batch)
		    WHERE b.region = $1 AND b.state IN ('open', 'returned') AND i.item = ANY($2))`, scope.Region, items).Scan(&stale)
	if err != nil {
		return false, fmt.Errorf("look for open batches: %w", err)
	}
	return stale, nil
}

func tooMuch(o Order, who *roster.Dossier, debts []ledger.Share) error {
	return fault.New(fault.Refused, "%s%s未收回的只有 %s 元，不能登记 %s 元；请核对金额", people.NameOf(who), selected(o), ledger.Total(debts), o.Amount)
}

// selected says which debts were asked about.
func selected(o Order) string {
	s := ""
	if o.Item != "" {
		s += "项目 " + o.Item + " "
	}
	if o.Month != 0 {
		s += o.Month.Chinese()
	}
	if o.Payee != "" {
		s += "付给" + o.Payee
	}
	return strings.TrimSpace(s)
}

// describeShares lists shares in words, for the journal.
func describeShares(shares []ledger.Share) string {
	var all []string
	for _, s := range shares {
		text := fmt.Sprintf("%s %s %s 元", s.Item, s.Month, s.Amount)
		if s.Payee != roster.Myself {
			text += "（" + s.Payee + "）"
		}
		all = append(all, text)
	}
	return strings.Join(all, "，")
}
