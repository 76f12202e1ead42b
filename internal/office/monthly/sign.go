package monthly

import (
	"context"

	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/requests"
	"disburse/internal/store/second"
	"disburse/internal/store/signing"
)

// Signing says which batch is meant, the latest of the bureau's month, and who signs it
// and, where that is asked for, why.
type Signing struct {
	Month  month.Month
	Bureau string
	By     journal.By // of an authenticated user
	Digest string     // of the batch as the signer has seen it; empty: as it is
}

// Signed is a batch after a signature, and what became known of people in it since it
// was computed; nil where the signature did not look.
type Signed struct {
	Batch payrun.Batch
	Later *signing.LaterReport // those first who must not be paid
	// Waiting are changes that wait for a second person: the batch goes by what was known
	// before them.
	Waiting []requests.Request
}

// Submission is what submitting needs beside a signature.
type Submission struct {
	AcknowledgeAll bool           // every finding that asks for it, for By.Reason
	Progress       func(done int) // of the second computation; may be nil
}

type signature func(ctx context.Context, s signing.Order) (payrun.Batch, error)

// sign makes one signature and gathers what is said beside it.
func sign(ctx context.Context, o *office.Office, s Signing, by signature) (*Signed, error) {
	if _, err := o.Pack.Bureau(s.Bureau); err != nil {
		return nil, err
	}
	signed := &Signed{}
	order := signing.Order{Region: o.Region, Month: s.Month, Bureau: s.Bureau, User: office.User(s.By), By: s.By, Digest: s.Digest}
	order.Later = func(r *signing.LaterReport) { signed.Later = gravestFirst(o, r) }
	order.Waiting = func(waiting []requests.Request) { signed.Waiting = waiting }
	var err error
	signed.Batch, err = by(ctx, order)
	return signed, err
}

// Submit submits a batch (提交). The second computation goes over all of it before.
func Submit(ctx context.Context, o *office.Office, s Signing, x Submission) (*Signed, error) {
	return sign(ctx, o, s, func(ctx context.Context, order signing.Order) (payrun.Batch, error) {
		return signing.Submit(ctx, o.DB, order, signing.Submission{
			AcknowledgeAll: x.AcknowledgeAll,
			Judge: func(ctx context.Context, batch int32) ([]string, error) {
				return Judge(ctx, o, batch, x.Progress)
			},
		})
	})
}

// Review is the second signature (复核).
func Review(ctx context.Context, o *office.Office, s Signing) (*Signed, error) {
	return sign(ctx, o, s, func(ctx context.Context, order signing.Order) (payrun.Batch, error) {
		return signing.Review(ctx, o.DB, order)
	})
}

// Approve is the third signature (审批), or the fourth (终审) of a batch that needs one.
func Approve(ctx context.Context, o *office.Office, s Signing) (*Signed, error) {
	return sign(ctx, o, s, func(ctx context.Context, order signing.Order) (payrun.Batch, error) {
		pay, err := payOrder(ctx, o, s)
		if err != nil {
			return payrun.Batch{}, err
		}
		return signing.Approve(ctx, o.DB, order, pay)
	})
}

// Return gives a batch back to who prepared it (退回), for By.Reason.
func Return(ctx context.Context, o *office.Office, s Signing) (*Signed, error) {
	return sign(ctx, o, s, func(ctx context.Context, order signing.Order) (payrun.Batch, error) {
		return signing.Return(ctx, o.DB, order)
	})
}

// Sent notes that a batch's bank files went to the bank (送银行); number 0: the last
// approved batch.
func Sent(ctx context.Context, o *office.Office, s Signing, number int) (*Signed, error) {
	return sign(ctx, o, s, func(ctx context.Context, order signing.Order) (payrun.Batch, error) {
		return signing.MarkSent(ctx, o.DB, order, number)
	})
}

// Void asks for an approved batch to be voided (作废), or confirms what another asked for;
// number 0: the last approved batch.
func Void(ctx context.Context, o *office.Office, s Signing, number int) (*Signed, error) {
	return sign(ctx, o, s, func(ctx context.Context, order signing.Order) (payrun.Batch, error) {
		return signing.Void(ctx, o.DB, order, number)
	})
}

// NeedsSecond reports whether a batch needs a fourth signature by its own pack.
func NeedsSecond(ctx context.Context, o *office.Office, b payrun.Batch) (bool, error) {
	return signing.NeedsSecond(ctx, o.DB, o.Region, b)
}

// Judge compares a batch with the second computation, under the batch's own pack, and
// returns a sentence a difference. progress may be nil.
func Judge(ctx context.Context, o *office.Office, batch int32, progress func(done int)) ([]string, error) {
	b, err := batches.Get(ctx, o.DB, o.Region, batch)
	if err != nil {
		return nil, err
	}
	pack, err := o.PackOf(ctx, b.Pack)
	if err != nil {
		return nil, err
	}
	if progress == nil {
		progress = func(int) {}
	}
	differences, err := second.Judge(ctx, o.DB, o.Region, batch, pack.File, progress)
	var sentences []string
	for i := range differences {
		sentences = append(sentences, differences[i].Sentence())
	}
	return sentences, err
}

// payOrder is what bank files take from the pack of the batch: names and numbers have
// been checked against its shapes.
func payOrder(ctx context.Context, o *office.Office, s Signing) (signing.PayOrder, error) {
	pack := o.Pack
	batches, err := o.Batches(ctx, s.Month, true)
	if err != nil {
		return signing.PayOrder{}, err
	}
	for i := range batches {
		if batches[i].Bureau != s.Bureau || batches[i].N == 0 {
			continue
		}
		if pack, err = o.PackOf(ctx, batches[i].Pack); err != nil {
			return signing.PayOrder{}, err
		}
	}
	b, err := pack.Bureau(s.Bureau)
	if err != nil {
		return signing.PayOrder{}, err
	}
	order := signing.PayOrder{Code: b.Code.Value, Banks: signing.PayBanks(pack.File)}
	for _, it := range pack.Items() {
		order.Items = append(order.Items, it.Code.Value)
	}
	for _, s := range pack.File.Streets {
		order.Streets = append(order.Streets, s.Value)
	}
	return order, nil
}
