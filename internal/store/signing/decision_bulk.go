package signing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
	"disburse/internal/store/users"
)

// BulkResult is the result of decisions in bulk.
type BulkResult struct {
	Released, Held int
	Same           int // rulings that equal the decision in force: nothing was written for them
	// Wrong has, by index of the ruling, why it cannot be taken. If there are any, nothing was
	// decided at all.
	Wrong map[int]error
}

// DecideAll takes many rulings as one revision with one journal entry, all or nothing.
// subject is the name of the file they come from. A ruling equal to the decision in force is
// left out, so the operation is idempotent. Who may decide, and about what, is as for Decide;
// errors of single rulings are in the result's Wrong. Errors: fault.NotFound, fault.Denied (user).
func DecideAll(ctx context.Context, db *postgres.DB, region int32, subject string, rulings []Ruling, user approval.User, by journal.By) (BulkResult, error) {
	by.Actor = user.Name
	var done BulkResult
	_, err := db.Change(ctx, region, by, func(scope postgres.Scope) (journal.Entry, error) {
		user, err := users.Current(ctx, scope, user.Name)
		if err != nil {
			return journal.Entry{}, err
		}
		if err := checkMayDecide(user); err != nil {
			return journal.Entry{}, err
		}
		fresh, err := filterRulings(ctx, scope, rulings, user, &done)
		if err != nil {
			return journal.Entry{}, err
		}
		if len(done.Wrong) > 0 || len(fresh) == 0 {
			return journal.Entry{}, postgres.ErrNoChange
		}
		return writeRulings(ctx, scope, user, subject, fresh, &done)
	})
	if errors.Is(err, postgres.ErrNoChange) {
		err = nil
	}
	return done, err
}

// DecideKind takes the same ruling about every finding of a kind that the user's bureau
// has in its latest batch of the month and nobody has decided yet, as one revision.
// Errors: as DecideAll; fault.NotFound (no batch), fault.Refused (nothing undecided of the
// kind), fault.Invalid (no reason).
func DecideKind(ctx context.Context, db *postgres.DB, region int32, m month.Month, kind string, release bool, reason string,
	user approval.User, by journal.By) (BulkResult, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return BulkResult{}, fault.New(fault.Invalid, "处理疑点必须写明理由，请补上理由")
	}
	by.Actor, by.Reason = user.Name, reason
	var done BulkResult
	_, err := db.Change(ctx, region, by, func(scope postgres.Scope) (journal.Entry, error) {
		done = BulkResult{}
		user, err := users.Current(ctx, scope, user.Name)
		if err != nil {
			return journal.Entry{}, err
		}
		if err := checkMayDecide(user); err != nil {
			return journal.Entry{}, err
		}
		ids, err := undecidedOf(ctx, scope, m, user.Bureau, kind)
		if err != nil {
			return journal.Entry{}, err
		}
		var rulings []Ruling
		for _, id := range ids {
			rulings = append(rulings, Ruling{Finding: id, Release: release, Reason: reason})
		}
		return writeRulings(ctx, scope, user, m.String()+" "+kind, rulings, &done)
	})
	return done, err
}

// undecidedOf lists the ids of a kind without a decision, or refuses with the reason why there
// are none.
func undecidedOf(ctx context.Context, scope postgres.Scope, m month.Month, bureau, kind string) ([]string, error) {
	b, err := batches.LatestIn(ctx, scope, m, bureau)
	if err != nil {
		return nil, err
	}
	rows, err := scope.Tx.Query(ctx, `
		SELECT f.id, f.level, f.kind, EXISTS (SELECT FROM decision d WHERE d.region = f.region AND d.id = f.id)
		FROM finding f WHERE f.region = $1 AND f.batch = $2 ORDER BY f.id`, scope.Region, b.Number)
	if err != nil {
		return nil, fmt.Errorf("read findings: %w", err)
	}
	var ids, kinds []string
	var f payrun.Finding
	var decided bool
	_, err = pgx.ForEachRow(rows, []any{&f.ID, &f.Level, &f.Kind, &decided}, func() error {
		if decided || !f.Decidable() {
			return nil
		}
		kinds = append(kinds, f.Kind)
		if f.Kind == kind {
			ids = append(ids, f.ID)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read findings: %w", err)
	}
	if ids = slices.Compact(ids); len(ids) > 0 {
		return ids, nil
	}
	slices.Sort(kinds)
	if kinds = slices.Compact(kinds); len(kinds) == 0 {
		return nil, fault.New(fault.Refused, "%s没有未决的疑点，不需要处理", approval.Title(b))
	}
	return nil, fault.New(fault.Refused, "%s没有未决的“%s”，未决的有：%s", approval.Title(b), kind, strings.Join(kinds, "、"))
}

// filterRulings returns the rulings to be written: it drops those equal to the decision in force and
// notes in done.Wrong those that may not be taken.
func filterRulings(ctx context.Context, scope postgres.Scope, rulings []Ruling, user approval.User, done *BulkResult) ([]Ruling, error) {
	*done = BulkResult{Wrong: map[int]error{}}
	var ids []string
	for _, r := range rulings {
		ids = append(ids, r.Finding)
	}
	asked, err := readBureauFindings(ctx, scope, ids)
	if err != nil {
		return nil, err
	}
	decided, err := decisionsAt(ctx, scope.At(scope.Rev-1))
	if err != nil {
		return nil, err
	}
	standing, said := map[string]Decision{}, map[string]int{}
	for _, d := range decided {
		standing[d.Finding] = d
	}
	var fresh []Ruling
	for i, r := range rulings {
		if first, again := said[r.Finding]; again {
			if rulings[first] != r {
				done.Wrong[i] = fault.New(fault.Invalid, "疑点 %s 写了两次，决定不一致，请只留一个", r.Finding)
			}
			continue
		}
		said[r.Finding] = i
		if d, ok := standing[r.Finding]; ok && d.Release == r.Release && d.Reason == r.Reason {
			done.Same++
			continue
		}
		if _, err := asked.decidable(r.Finding, user); err != nil {
			done.Wrong[i] = err
			continue
		}
		fresh = append(fresh, r)
	}
	return fresh, nil
}

// writeRulings inserts the rulings and returns one journal entry for all of them, whose
// digest covers every ruling.
func writeRulings(ctx context.Context, scope postgres.Scope, user approval.User, subject string, rulings []Ruling, done *BulkResult) (journal.Entry, error) {
	if err := insertDecisions(ctx, scope, user.Name, rulings); err != nil {
		return journal.Entry{}, err
	}
	digest := sha256.New()
	for _, r := range rulings {
		if r.Release {
			done.Released++
		} else {
			done.Held++
		}
		fmt.Fprintf(io.Writer(digest), "%s\x00%t\x00%s\n", r.Finding, r.Release, r.Reason)
	}
	return journal.Entry{Action: "批量处理疑点", Subject: subject, Digest: hex.EncodeToString(digest.Sum(nil)),
		Summary: fmt.Sprintf("%d 项：可以发放 %d 项，维持暂缓 %d 项", len(rulings), done.Released, done.Held)}, nil
}
