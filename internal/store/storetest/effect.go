package storetest

import (
	"fmt"

	"disburse/internal/approval"
	"disburse/internal/journal"
	"disburse/internal/policy"
	"disburse/internal/store/rules"
)

func Num64(n int64) string { return fmt.Sprint(n) }

// Effect computes what a pack changes, and insists that nothing is stored meanwhile.
func (d *District) Effect(pack *policy.Pack) (*rules.PackEffect, []rules.EffectRow) {
	d.T.Helper()
	before := d.Snapshot()
	var rows []rules.EffectRow
	e, err := rules.ReadEffect(d.T.Context(), d.Db, DeskRegion, d.Pack, pack, func(r *rules.EffectRow) error {
		rows = append(rows, *r)
		return nil
	})
	if err != nil {
		d.T.Fatal(err)
	}
	d.Unchanged(before)
	return e, rows
}

func ByUser(u approval.User) journal.By {
	return journal.By{Actor: u.Name, Origin: "主机", At: DeskNow, Reason: "文件"}
}
