package storetest

import (
	"context"

	"disburse/internal/approval"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/store/second"
	"disburse/internal/store/signing"
)

func Agrees(context.Context, int32) ([]string, error) { return nil, nil }

func (d *Desk) Submit() (payrun.Batch, error) {
	return signing.Submit(d.T.Context(), d.Db, By(Clerk, ""), signing.Submission{Judge: Agrees})
}

func (d *Desk) Review() (payrun.Batch, error) {
	return signing.Review(d.T.Context(), d.Db, By(Reviewer, ""))
}

func (d *Desk) Approve() (payrun.Batch, error) {
	return signing.Approve(d.T.Context(), d.Db, By(Approver, ""), DeskOrder)
}

// UpTo signs the latest batch until it is in the state.
func (d *Desk) UpTo(state payrun.State) payrun.Batch {
	d.T.Helper()
	var b payrun.Batch
	for _, step := range []struct {
		to payrun.State
		do func() (payrun.Batch, error)
	}{{payrun.Submitted, d.Submit}, {payrun.Reviewed, d.Review}, {payrun.Approved, d.Approve}} {
		var err error
		if b, err = step.do(); err != nil {
			d.T.Fatalf("on the way to %s: %v", step.to, err)
		}
		if step.to == state {
			break
		}
	}
	return b
}

// Staff are the three users of a bureau; those of 区民政局 are the desk's.
func (d *District) Staff(bureau string) [3]approval.User {
	d.T.Helper()
	if bureau == DeskBureau {
		return [3]approval.User{Clerk, Reviewer, Approver}
	}
	var users [3]approval.User
	for i, post := range []approval.Post{approval.Clerk, approval.Reviewer, approval.Approver} {
		users[i] = approval.User{Name: string(post) + bureau, Post: post, Bureau: bureau, Active: true}
		if d.Number(`SELECT count(*) FROM account_user WHERE name = $1`, users[i].Name) == 0 {
			d.AddUser(users[i])
		}
	}
	return users
}

// SignTo signs a bureau's latest batch of a month up to a state, with the real judge.
func (d *District) SignTo(m month.Month, bureau string, state payrun.State) payrun.Batch {
	d.T.Helper()
	ctx, users := d.T.Context(), d.Staff(bureau)
	signingList := func(i int) signing.Order {
		return signing.Order{Region: DeskRegion, Month: m, Bureau: bureau, User: users[i],
			By: journal.By{Actor: users[i].Name, Origin: "主机", At: DeskNow, Reason: "核对无误"}}
	}
	judge := func(ctx context.Context, batch int32) ([]string, error) {
		found, err := second.Judge(ctx, d.Db, DeskRegion, batch, d.Pack.File, nil)
		var all []string
		for i := range found {
			all = append(all, found[i].Sentence())
		}
		return all, err
	}
	b, err := signing.Submit(ctx, d.Db, signingList(0), signing.Submission{AcknowledgeAll: true, Judge: judge})
	if err == nil && state != payrun.Submitted {
		b, err = signing.Review(ctx, d.Db, signingList(1))
	}
	if err == nil && state == payrun.Approved {
		b, err = signing.Approve(ctx, d.Db, signingList(2), d.PayOrder(bureau))
	}
	if err != nil {
		d.T.Fatalf("%s %s: %v", bureau, m, err)
	}
	return b
}

func (d *District) PayOrder(bureau string) signing.PayOrder {
	d.T.Helper()
	b, err := d.Pack.Bureau(bureau)
	if err != nil {
		d.T.Fatal(err)
	}
	return signing.PayOrder{Code: b.Code.Value, Items: DeskOrder.Items, Streets: DeskOrder.Streets}
}

// Approve signs the batch of 区民政局 up to approved.
func (d *District) Approve(m month.Month) payrun.Batch {
	d.T.Helper()
	return d.SignTo(m, DeskBureau, payrun.Approved)
}

// ReturnBatch sends a batch that is being signed back to its 经办.
func (d *District) ReturnBatch(m month.Month) {
	d.T.Helper()
	s := By(Reviewer, "有误")
	s.Month = m
	if _, err := signing.Return(d.T.Context(), d.Db, s); err != nil {
		d.T.Fatal(err)
	}
}

// Decide settles the one 疑点 of a kind in a batch.
func (d *District) Decide(b payrun.Batch, kind string, release bool) {
	d.T.Helper()
	for _, f := range d.Findings(b, payrun.Doubt) {
		if f.Kind == kind {
			if err := signing.Decide(d.T.Context(), d.Db, DeskRegion, f.ID, release, "已核实", Clerk, RunBy); err != nil {
				d.T.Fatal(err)
			}
			return
		}
	}
	d.T.Fatalf("no 疑点 %s in %s", kind, approval.Title(b))
}

func (d *District) SigningOf(m month.Month, u approval.User, reason string) signing.Order {
	s := By(u, reason)
	s.Month = m
	return s
}

func (d *District) TrySubmit(m month.Month) (payrun.Batch, error) {
	s := By(Clerk, "核对无误")
	s.Month = m
	return signing.Submit(d.T.Context(), d.Db, s, signing.Submission{AcknowledgeAll: true, Judge: Agrees})
}

// Paid runs, approves and sends months.
func (d *District) Paid(months ...int) {
	d.T.Helper()
	for _, m := range months {
		d.Run(At(m))
		d.Approve(At(m))
		d.Send(At(m))
	}
}

func (d *District) VoidAndRepeat(m month.Month) {
	d.T.Helper()
	for _, u := range []approval.User{Reviewer, Approver} {
		if _, err := signing.Void(d.T.Context(), d.Db, d.SigningOf(m, u, "重做"), 0); err != nil {
			d.T.Fatal(err)
		}
	}
	d.Run(m)
	d.Approve(m)
}
