package monthly

import (
	"context"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/signing"
)

// Verified is an approved batch that was computed again.
type Verified struct {
	Batch       payrun.Batch
	Differences []string // sentences
}

// Verify computes every approved batch of the month again, from its own revision and
// pack, and compares. Where something differs it fails with fault.Refused, and what was
// found is returned too. progress, which may be nil, is told of each batch how many
// people are done.
func Verify(ctx context.Context, o *office.Office, m month.Month, progress func(done int)) ([]Verified, error) {
	batches, err := o.Batches(ctx, m, false)
	if err != nil {
		return nil, err
	}
	var all []Verified
	wrong := 0
	for _, b := range batches {
		if b.State != payrun.Approved {
			continue
		}
		differences, err := VerifyBatch(ctx, o, b, progress)
		if err != nil {
			return all, err
		}
		all = append(all, Verified{b, differences})
		wrong += len(differences)
	}
	switch {
	case len(all) == 0:
		return nil, fault.New(fault.NotFound, "%s 没有已审批的批次，不必核对", m)
	case wrong > 0:
		return all, fault.New(fault.Refused, "%s 有 %d 处不一致，请查明原因", m, wrong)
	}
	return all, nil
}

// VerifyBatch computes one approved batch again and compares lines, digest and
// signatures; it returns a sentence a difference. progress may be nil.
func VerifyBatch(ctx context.Context, o *office.Office, b payrun.Batch, progress func(done int)) ([]string, error) {
	differences, err := Judge(ctx, o, b.Number, progress)
	if err != nil {
		return nil, err
	}
	digest, err := batches.StoredDigest(ctx, o.DB, o.Region, b)
	if err != nil {
		return nil, err
	}
	if digest != b.Digest {
		differences = append(differences, "明细与签字时的摘要不一致")
	}
	lacks, err := unsigned(ctx, o, b)
	return append(differences, lacks...), err
}

// unsigned says what an approved batch's signatures lack by its own pack.
func unsigned(ctx context.Context, o *office.Office, b payrun.Batch) ([]string, error) {
	signed, err := batches.Signatures(ctx, o.DB, o.Region, b.Number)
	if err != nil {
		return nil, err
	}
	second, err := signing.NeedsSecond(ctx, o.DB, o.Region, b)
	return approval.Unsigned(b, signed, second), err
}
