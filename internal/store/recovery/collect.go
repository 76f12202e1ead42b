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

// Order is an action on the debts (多发款项) of one person.
type Order struct {
	Region int32
	Pack   *policy.Pack // the rules in force, by which debts are computed
	ID     string       // 身份证号, normalized by roster.CleanID
	Item   string       // only debts of this item; empty: of all items of the user's bureau
	Payee  string       // only of this payee; empty: of all
	Month  month.Month  // only of this benefit month; 0: of all
	Amount money.Fen    // 分
	User   approval.User
	By     journal.By // Actor is replaced by the user's name; Reason is required
	Once   bool       // idempotent: refuse the same sum with the same reason, as when a form is sent twice
}

func (o Order) withUser() Order {
	o.By.Actor, o.By.Reason = o.User.Name, strings.TrimSpace(o.By.Reason)
	return o
}

// Recovered says how a sum was shared among debts.
type Recovered struct {
	Person roster.Person
	Shares []ledger.Share
	Left   money.Fen // 分, still open of the selected debts
	Stale  bool      // an open batch is outdated by this and must be run again
	Rev    int64
}

// Collect records money that an overpaid person paid back (收回). It is shared among the
// debts, oldest month first, items in list order, by ledger entries of kind 4 that lower the
// settled amount: if the money turns out to be due after all, the next run pays it again.
// Errors: fault.NotFound (person, item), fault.Invalid (amount, no reason), fault.Denied
// (user, bureau), fault.Refused (more than is open, a debt that a batch in signing nets,
// frozen days).
func Collect(ctx context.Context, db *postgres.DB, o Order) (*Recovered, error) {
	o = o.withUser()
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
		if err := checkNotInSigning(ctx, scope, who, shares, what); err != nil {
			return journal.Entry{}, err
		}
		if err := checkNotCollectedTwice(ctx, scope.Tx, o, who, what); err != nil {
			return journal.Entry{}, err
		}
		if err := insertCollected(ctx, scope, who.Number, shares); err != nil {
			return journal.Entry{}, err
		}
		done = &Recovered{Person: who.Person, Shares: shares, Left: ledger.Total(debts).Sub(o.Amount)}
		done.Stale, err = draftIsStale(ctx, scope, shares)
		return journal.Entry{Action: what, Subject: people.JournalSubject(who), Summary: collectedPrefix(o.Amount) + describeShares(shares)}, err
	})
	if err != nil {
		return nil, err
	}
	done.Rev = rev
	return done, nil
}

// collectedPrefix begins the journal's summary of a collection; checkNotCollectedTwice
// searches for it.
func collectedPrefix(sum money.Fen) string { return "收回 " + sum.Grouped() + " 元：" }

// checkNotCollectedTwice refuses, if the order is Once, a sum that was collected from the
// person before with the same reason.
func checkNotCollectedTwice(ctx context.Context, tx pgx.Tx, o Order, who *roster.Dossier, what string) error {
	if !o.Once {
		return nil
	}
	var rev int64
	err := tx.QueryRow(ctx, `
		SELECT coalesce(min(rev), 0) FROM journal WHERE region = $1 AND action = $2 AND subject = $3 AND reason = $4
		  AND left(summary, length($5)) = $5`, o.Region, what, people.JournalSubject(who), o.By.Reason, collectedPrefix(o.Amount)).Scan(&rev)
	if err != nil {
		return fmt.Errorf("look for the same sum: %w", err)
	}
	if rev != 0 {
		return fault.New(fault.Refused, "%s的这笔收回（%s 元，日期和依据相同）已在第 %d 号修订登记，没有再登记；确实是另一笔的，请在依据里写明它自己的收据号",
			people.NameOf(who), o.Amount.Grouped(), rev)
	}
	return nil
}

func insertCollected(ctx context.Context, scope postgres.Scope, person int64, shares []ledger.Share) error {
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

// openDebts returns the person and the open debts that the order selects, of the user's
// bureau, after checking that the user may act on them.
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

// recoveryUser reads the user again and checks post, bureau and freeze.
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
	return user, packs.CheckNotFrozen(ctx, postgres.In(tx, o.Region), o.By.At, what)
}

// checkNotInSigning refuses while a batch in signing has a line of one of the debts: it nets
// the debt, or pays the month, by what was open when it was computed, and the same sum would
// be recovered twice.
func checkNotInSigning(ctx context.Context, scope postgres.Scope, who *roster.Dossier, shares []ledger.Share, what string) error {
	items, payees, months, _ := keyArrays(shares)
	b, err := batches.QueryOne(ctx, scope.Tx, `AND b.state IN ('submitted', 'reviewed', 'endorsed') AND EXISTS (
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

// draftIsStale reports whether an open batch was computed with an item of the debts: it is
// outdated and must be run again before it can be submitted.
func draftIsStale(ctx context.Context, scope postgres.Scope, shares []ledger.Share) (bool, error) {
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

// selected describes in Chinese which debts the order selects.
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

// describeShares lists shares in Chinese, for the journal.
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
