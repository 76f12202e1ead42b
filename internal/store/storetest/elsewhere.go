package storetest

import (
	"disburse/internal/month"
)

const nextRegion = int32(140299)

// Neighbour is a second region in the same database, where somebody of ours, of the same
// ID number, is paid too. What it pays is written past the program: what it does with its
// own batches is the first region's story over again.
func (d *District) Neighbour(year int) {
	d.T.Helper()
	d.Exec(`INSERT INTO region (region, name, head_hash, head) VALUES ($1, '邻区', '\x00', 9)`, nextRegion)
	d.Exec(`INSERT INTO pack (region, hash, rev, body) VALUES ($1, 'x', 1, 'x')`, nextRegion)
	d.Exec(`INSERT INTO person SELECT $1, 5, 1, id_number, name, street, community, address, phone, birth, moved_in, moved_out, died,
		bank, account, holder, deputy, deputy_relation, deputy_reason FROM person WHERE region = 140213 AND id_number = $2`, nextRegion, IdOf(year))
}

// PaysThere has the neighbour approve 70 yuan of item 11 for the month.
func (d *District) PaysThere(year int, m month.Month) {
	d.T.Helper()
	first, batch := m.First().Time(), int32(m)
	d.Exec(`INSERT INTO batch (region, batch, month, bureau, n, state, revision, pack, digest, lines, heads, pays, held, approved_rev)
		VALUES ($1, $2, $3, '区民政局', 1, 'approved', 1, 'x', '', 1, 1, 7000, 0, 2)`, nextRegion, batch, first)
	d.Exec(`INSERT INTO line (region, batch, person, item, payee, month, against, kind, amount, hold, id_number, name, street, community, bank, account, holder, file, seq)
		VALUES ($1, $2, 5, '11', '本人', $3, '11', 1, 7000, 0, $4, '某', '', '', '', '1', '', 1, 1)`, nextRegion, batch, first, IdOf(year))
}
