package storetest

import (
	"disburse/internal/approval"
	"disburse/internal/journal"
	"disburse/internal/store/users"
)

const (
	Handed = "别人设的一个长口令" + "啊" // known to two
	Own    = "自己的另一个长口令" + "啊"
)

var Auditor = approval.User{Name: "己审计", Post: approval.Auditor, Active: true}

func AsUser(name, reason string) journal.By {
	return journal.By{Actor: name, Origin: "主机", At: DeskNow, Reason: reason}
}

func (d *Desk) Must(err error) {
	d.T.Helper()
	if err != nil {
		d.T.Fatal(err)
	}
}

// Confirms confirms what was done to an account so far.
func (d *Desk) Confirms(name string, by journal.By) error {
	d.T.Helper()
	_, seen, err := users.Events(d.T.Context(), d.Db, DeskRegion, name)
	d.Must(err)
	return users.Confirm(d.T.Context(), d.Db, DeskRegion, name, seen.Last, by)
}
