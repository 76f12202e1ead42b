package second

import (
	"context"
	"crypto/sha256"
	"fmt"

	"disburse/internal/judge"
	"disburse/internal/payrun"
	"disburse/internal/roster"
)

// refused reads the accounts to which payments failed, by number, and which of them somebody
// decided to try again, or to hold, after the last failure.
func (s *session) refused(ctx context.Context, w *judge.World) error {
	w.Refused, w.Retried, w.Kept = map[string][]roster.Account{}, map[string][]roster.Account{}, map[string][]roster.Account{}
	var a roster.Account
	var file string
	var seq int
	last := map[roster.Account]string{} // the last failure of an account under its bank's full name
	err := s.each(ctx, "refused accounts", `
		SELECT p.bank, p.account, p.holder, f.number, p.seq
		FROM payment_result r
		JOIN payment p ON p.region = r.region AND p.batch = r.batch AND p.file = r.file AND p.seq = r.seq
		JOIN payment_file f ON f.region = p.region AND f.batch = p.batch AND f.file = p.file
		WHERE r.region = $1 AND r.rev <= $2 AND r.outcome = 2
		ORDER BY r.rev, p.batch, p.file, p.seq`,
		[]any{s.Region, s.batch.Revision}, []any{&a.Bank, &a.Number, &a.Holder, &file, &seq},
		func() {
			w.Refused[a.Number] = append(w.Refused[a.Number], a)
			full := a
			full.Bank = s.pack.BankName(a.Bank)
			last[full] = fmt.Sprintf("%s/%d", file, seq)
		})
	if err != nil || len(last) == 0 {
		return err
	}
	decisions, err := s.retries(ctx)
	if err != nil {
		return err
	}
	for full, payment := range last {
		again, decided := decisions[retryID(full.Number, payment)]
		switch {
		case again:
			w.Retried[full.Number] = append(w.Retried[full.Number], full)
		case decided:
			w.Kept[full.Number] = append(w.Kept[full.Number], full)
		}
	}
	return nil
}

// retries reads the decisions on refused accounts by finding id: whether the latest one, as of the
// batch's revision, releases.
func (s *session) retries(ctx context.Context) (map[string]bool, error) {
	decided := map[string]bool{}
	var id string
	var release bool
	err := s.each(ctx, "decisions about accounts", `
		SELECT id, release FROM decision WHERE region = $1 AND rev <= $2 AND starts_with(id, $3) ORDER BY rev`,
		[]any{s.Region, s.batch.Revision, payrun.RefusedAccount + "-"}, []any{&id, &release}, func() { decided[id] = release })
	return decided, err
}

// retryID is the id of the finding about a refused account. It has no person and no item: the
// decision holds for everybody who is paid to the account.
func retryID(account, payment string) string {
	return findingID(payrun.RefusedAccount, 0, account, payment)
}

// findingID computes the id of a finding without item: kind, a hyphen, and twelve hexadecimal
// digits of the SHA-256 over kind, person, empty item and evidence, separated by NULs. The engine
// computes it in package payrun; both must agree.
func findingID(kind string, person int64, evidence ...string) string {
	of := fmt.Sprintf("%s\x00%d\x00", kind, person)
	for _, e := range evidence {
		of += "\x00" + e
	}
	sum := sha256.Sum256([]byte(of))
	return fmt.Sprintf("%s-%x", kind, sum[:6])
}

// oneReason reports whether a final batch has no line with 决定暂缓. It may have been computed by
// an earlier version that had only 疑点未决 for both; what was signed stays valid, so the judge
// must not tell the two apart there. For a batch that is not final it always does.
func (s *session) oneReason(ctx context.Context) (bool, error) {
	if s.table != "line" {
		return false, nil
	}
	var none bool
	err := s.Tx.QueryRow(ctx, `SELECT NOT EXISTS (SELECT FROM line WHERE region = $1 AND batch = $2 AND hold & $3 <> 0)`,
		s.Region, s.batch.Number, int16(payrun.KeptBack)).Scan(&none)
	if err != nil {
		return false, fmt.Errorf("judge reads reasons: %w", err)
	}
	return none, nil
}
