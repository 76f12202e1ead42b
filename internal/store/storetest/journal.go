package storetest

import (
	"strings"
	"time"

	"disburse/internal/approval"
	"disburse/internal/journal"
	"disburse/internal/store/signing"
	"disburse/internal/store/users"
)

// By is a signing order of a user for the bureau's latest batch.
func By(user approval.User, reason string) signing.Order {
	return signing.Order{Region: DeskRegion, Month: DeskMonth, Bureau: DeskBureau, User: user,
		By: journal.By{Actor: "os:tester", Origin: "主机", At: DeskNow, Reason: reason}}
}

func AsUser(name, reason string) journal.By {
	return journal.By{Actor: name, Origin: "主机", At: DeskNow, Reason: reason}
}

func ByUser(u approval.User) journal.By {
	return journal.By{Actor: u.Name, Origin: "主机", At: DeskNow, Reason: "文件"}
}

func DeskBy(at time.Time) journal.By {
	return journal.By{Actor: "os:tester", Origin: "主机", At: at, Reason: ""}
}

var RunBy = journal.By{Actor: "os:tester", Origin: "主机", At: DeskNow}

var Auditor = approval.User{Name: "己审计", Post: approval.Auditor, Active: true}

var SecondReviewer = approval.User{Name: "戊复核", Post: approval.Reviewer, Bureau: DeskBureau, Active: true}

const (
	Handed = "别人设的一个长口令" + "啊" // known to two
	Own    = "自己的另一个长口令" + "啊"
)

// Confirms confirms what was done to an account so far.
func (d *Desk) Confirms(name string, by journal.By) error {
	d.T.Helper()
	_, seen, err := users.Events(d.T.Context(), d.Db, DeskRegion, name)
	d.Must(err)
	return users.Confirm(d.T.Context(), d.Db, DeskRegion, name, seen.Last, by)
}

// JournalHolds checks the number of journal entries, and that none has any of the secrets.
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
