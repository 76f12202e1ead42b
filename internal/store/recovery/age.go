package recovery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/month"
	"disburse/internal/postgres"
)

// RegisterAge says how old the data of the recovery register (追缴台账) are.
type RegisterAge struct {
	Revision int64       // as of which the oldest of the bureaus' latest runs computed
	Month    month.Month // of that run
	Since    int         // number of later revisions that may change what is owed
}

// ReadRegisterAge returns the age of the register for the paying bureaus; zero where none of
// them has run yet. Collections and write-offs are in the register at once (see Register);
// other changes only after the next run.
func ReadRegisterAge(ctx context.Context, db *postgres.DB, region int32, payers []string) (RegisterAge, error) {
	var age RegisterAge
	err := db.Read(ctx, func(tx pgx.Tx) error {
		var first time.Time
		var pack string
		err := tx.QueryRow(ctx, `
			SELECT revision, month, pack FROM (
			    SELECT DISTINCT ON (bureau) coalesce(l.revision, b.revision) AS revision, b.month, b.pack
			    FROM batch b LEFT JOIN later_register l USING (region, batch)
			    WHERE region = $1 AND bureau = ANY($2) AND state NOT IN ('carried', 'voided') ORDER BY bureau, b.month DESC, n DESC) latest
			ORDER BY revision LIMIT 1`, region, payers).Scan(&age.Revision, &first, &pack)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read age of the register: %w", err)
		}
		age.Month = month.FromTime(first).Month()
		err = tx.QueryRow(ctx, `
			SELECT count(*) FROM (
			    SELECT rev FROM person WHERE region = $1 AND rev > $2
			    UNION SELECT rev FROM fact WHERE region = $1 AND rev > $2
			    UNION SELECT rev FROM award WHERE region = $1 AND rev > $2
			    UNION SELECT rev FROM merge WHERE region = $1 AND rev > $2
			    UNION SELECT rev FROM pack_adoption WHERE region = $1 AND rev > $2 AND hash <> $3
			    UNION SELECT rev FROM ledger WHERE region = $1 AND rev > $2 AND kind IN (2, 3, 5)) since`, region, age.Revision, pack).Scan(&age.Since)
		if err != nil {
			return fmt.Errorf("count revisions since: %w", err)
		}
		return nil
	})
	return age, err
}
