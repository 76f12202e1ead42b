package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// settleAccount ends what waits for the gone record. Where that one was paid and the kept
// one never was, the person's account would change with the merge: the gone one's counts
// on until a second person confirms the kept one's.
func (r *MergeReport) settleAccount(ctx context.Context, tx pgx.Tx, o *MergeOrder) error {
	asks, err := newAsks(ctx, tx, o.Region)
	if err != nil {
		return err
	}
	for s, q := range asks.open {
		if s.kind == PayeeAccount || s.person != r.Gone.Number {
			continue
		}
		if err := closeRequest(ctx, tx, o.Region, r.Rev, q.N, RequestMerged); err != nil {
			return err
		}
		r.Closed++
	}
	kept, gone := r.Kept.Person, r.Gone.Person
	if kept.Account.Number == "" || !otherAccount(&gone, &kept) {
		return nil
	}
	paid, err := paidBefore(ctx, tx, o.Region, []int64{gone.Number, kept.Number})
	if err != nil || !paid[gone.Number] || paid[kept.Number] {
		return err
	}
	restated := kept
	restated.Account = gone.Account
	if err := writePeople(ctx, tx, o.Region, r.Rev, []*entrant{{person: restated}}); err != nil {
		return err
	}
	asks.list = append(asks.list, ask{subject: subject{kind: PersonAccount, person: kept.Number}, old: content{account: gone.Account},
		new: content{account: kept.Account}, actor: o.By.Actor, reason: "合并人员；" + o.By.Reason, source: FromMerge})
	r.Asked, _, err = asks.settle(ctx, tx, o.Region, r.Rev)
	return err
}

// accountSummary is for the journal; empty where no account waits.
func (r *MergeReport) accountSummary() string {
	s := ""
	if r.Closed > 0 {
		s += fmt.Sprintf("，并入记录等待确认的变更了结 %d 件", r.Closed)
	}
	if r.Asked > 0 {
		s += "，保留记录的账户等待第二人确认"
	}
	return s
}
