package monthly

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/store/signing"
)

// Changes is what became known of people in a bureau's latest batch of a month after it
// was computed (以后的变更), those first who must not be paid.
func Changes(ctx context.Context, o *office.Office, m month.Month, bureau string) (*signing.LaterReport, error) {
	if _, err := o.Pack.Bureau(bureau); err != nil {
		return nil, err
	}
	report, err := signing.LaterChanges(ctx, o.DB, o.Region, m, bureau)
	if err != nil {
		return nil, err
	}
	return gravestFirst(o, report), nil
}

// gravestFirst puts those first who must not be paid, then streets in pack order.
func gravestFirst(o *office.Office, r *signing.LaterReport) *signing.LaterReport {
	sorting := payrun.Sorting{Pack: o.Pack}
	sorted := *r
	sorted.People = slices.Clone(r.People)
	slices.SortStableFunc(sorted.People, func(x, y engine.LaterChange) int {
		return cmp.Or(cmp.Compare(min(len(y.Grave), 1), min(len(x.Grave), 1)), sorting.Streets(x.Street, x.ID, y.Street, y.ID))
	})
	return &sorted
}

// ChangesSentence says how many people there are and what they come to.
func ChangesSentence(r *signing.LaterReport) string {
	if len(r.People) == 0 {
		return "没有以后的变更"
	}
	grave := 0
	for i := range r.People {
		if len(r.People[i].Grave) > 0 {
			grave++
		}
	}
	pays, held, owed := r.Effect()
	return fmt.Sprintf("以后的变更 %d 人，其中不应照发 %d 人；重新计算将使可发 %s 元，暂缓 %s 元，应追回 %s 元",
		len(r.People), grave, signing.Signed(pays), signing.Signed(held), signing.Signed(owed))
}
