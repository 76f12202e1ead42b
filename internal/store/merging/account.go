package merging

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/postgres"
	"disburse/internal/store/imports"
	"disburse/internal/store/requests"
)

// mergeAccounts closes the pending account requests of the merged record. Where only the merged
// record was ever paid, the merge would change the account that the person is paid to without a
// second person: so its account is written to the surviving record, and the survivor's own
// account becomes a request that a second person must confirm (docs/rules.md §5.10).
func (r *Report) mergeAccounts(ctx context.Context, tx pgx.Tx, o *Order) error {
	asks, err := requests.NewCollector(ctx, postgres.In(tx, o.Region))
	if err != nil {
		return err
	}
	for s, q := range asks.Open {
		if s.Kind == requests.PayeeAccount || s.Person != r.Gone.Number {
			continue
		}
		if err := requests.Close(ctx, postgres.In(tx, o.Region).At(r.Rev), q.N, requests.Merged); err != nil {
			return err
		}
		r.Closed++
	}
	kept, gone := r.Kept.Person, r.Gone.Person
	if kept.Account.Number == "" || !imports.OtherAccount(&gone, &kept) {
		return nil
	}
	paid, err := imports.PaidBefore(ctx, tx, o.Region, []int64{gone.Number, kept.Number})
	if err != nil || !paid[gone.Number] || paid[kept.Number] {
		return err
	}
	restated := kept
	restated.Account = gone.Account
	if err := imports.WritePeople(ctx, postgres.In(tx, o.Region).At(r.Rev), []*imports.Candidate{{Person: restated}}); err != nil {
		return err
	}
	asks.Drafts = append(asks.Drafts, requests.Draft{Subject: requests.Subject{Kind: requests.PersonAccount, Person: kept.Number}, Old: requests.Content{Account: gone.Account},
		New: requests.Content{Account: kept.Account}, Actor: o.By.Actor, Reason: "合并人员；" + o.By.Reason, Source: requests.FromMerge})
	r.Asked, _, err = asks.Write(ctx, postgres.In(tx, o.Region).At(r.Rev))
	return err
}

// accountSummary is the part of the journal entry about requests; empty without any.
func (r *Report) accountSummary() string {
	s := ""
	if r.Closed > 0 {
		s += fmt.Sprintf("，并入记录等待确认的变更了结 %d 件", r.Closed)
	}
	if r.Asked > 0 {
		s += "，保留记录的账户等待第二人确认"
	}
	return s
}
