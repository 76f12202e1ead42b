package storetest

import (
	"strings"
	"time"

	"disburse/internal/journal"
)

func DeskBy(at time.Time) journal.By {
	return journal.By{Actor: "os:tester", Origin: "主机", At: at, Reason: ""}
}

// JournalHolds insists on the number of entries, none of which says any of the secrets.
func (d *Desk) JournalHolds(entries int64, secrets ...string) {
	d.T.Helper()
	var text string
	if err := d.Owner.QueryRow(d.T.Context(), `SELECT coalesce(string_agg(j::text, ''), '') FROM journal j`).Scan(&text); err != nil {
		d.T.Fatal(err)
	}
	for _, s := range secrets {
		if strings.Contains(text, s) {
			d.T.Errorf("the journal says %q: %s", s, text)
		}
	}
	if got := d.Number(`SELECT count(*) FROM journal`); got != entries {
		d.T.Errorf("%d journal entries, want %d", got, entries)
	}
	if err := VerifyChain(d.T.Context(), d.Db, DeskRegion); err != nil {
		d.T.Error(err)
	}
}
