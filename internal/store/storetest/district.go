package storetest

import (
	"path/filepath"
	"strings"
	"testing"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	madeup "disburse/internal/population"
	"disburse/internal/roster"
	"disburse/internal/roster/read"
)

// District is a region before its first run: with people and a pack, no month run yet.
type District struct {
	*Desk
	Pack *policy.Pack
}

func OpenDistrict(t testing.TB) *District {
	t.Helper()
	d := &District{Desk: OpenDesk(t)}
	d.Exec(`UPDATE region SET opening_month = NULL`)
	d.Pack = d.Load()
	return d
}

// Load is the built-in pack, with texts replaced: pairs of old and new.
func (d *District) Load(changes ...string) *policy.Pack {
	d.T.Helper()
	body := string(policy.Builtin())
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(body, changes[i]) {
			d.T.Fatalf("the pack does not have %q", changes[i])
		}
		body = strings.Replace(body, changes[i], changes[i+1], 1)
	}
	p, err := policy.LoadOnce([]byte(body))
	if err != nil {
		d.T.Fatal(err)
	}
	return p
}

// Texts of the built-in pack that tests replace (Load).
const (
	Rate11  = "      - {from: 2024-01, value: 70, source: 清单第11项}\n"
	Rate16  = "      - {from: 2024-01, value: 100, floor: 100, source: 清单第16项}\n"
	Rate23  = "  - name: 重度残疾人护理补贴标准\n    unit: 元/月\n    values:\n      - {from: 2024-01, value: 100,"
	After23 = "  - name: 探访次数\n    unit: 次/月\n"
	Who13   = "      - 经济困难\n    unless: [known(特困)]\n    pay:\n      amount: 养老服务补贴标准\n"
	Pays11  = "      amount: 高龄津贴标准\n"
)

// Populate imports a believable population's first roster, workbook and all.
func (d *District) Populate(people int, m month.Month) *madeup.Population {
	d.T.Helper()
	p, err := madeup.Generate(madeup.Options{People: people, Seed: 7, Month: m})
	if err != nil {
		d.T.Fatal(err)
	}
	file := filepath.Join(d.T.TempDir(), "花名册.xlsx")
	if err := p.WriteRoster(file, d.Pack.Vocabulary(), nil); err != nil {
		d.T.Fatal(err)
	}
	in, err := read.Roster(d.T.Context(), file, d.Pack.Vocabulary(), m.Last(), nil)
	if err != nil {
		d.T.Fatal(err)
	}
	d.Take(in)
	return p
}

func (d *District) Take(in *roster.Import) {
	d.T.Helper()
	d.confirmed(d.Imports(in))
}

// DeadSinceAugust is a district where somebody was paid for September and October who
// had died in August, and somebody else is paid.
func DeadSinceAugust(t *testing.T) *District {
	d := OpenDistrict(t)
	d.Learn(NewSheet(EveryColumn).People(Resident(1944), Resident(1943)))
	for m := 8; m <= 10; m++ {
		d.Run(At(m))
		d.Approve(At(m))
	}
	d.Learn(NewSheet(EveryColumn).People(Resident(1944, DiedOn(Day(2026, 8, 20)))))
	return d
}

// PaidDistrict has four people of 80 and more whose October was approved and sent.
func PaidDistrict(t *testing.T) (*District, payrun.Batch) {
	t.Helper()
	d := OpenDistrict(t)
	d.Learn(NewSheet(EveryColumn).People(Resident(1942), Resident(1943), Resident(1944), Resident(1945)))
	d.Run(At(10))
	d.Approve(At(10))
	return d, d.Send(At(10))
}

const nextRegion = int32(140299)

// Neighbour inserts a second region into the database, with a person of the same ID number as one
// of ours. Its rows are inserted by SQL: how a region makes its batches is tested elsewhere.
func (d *District) Neighbour(year int) {
	d.T.Helper()
	d.Exec(`INSERT INTO region (region, name, head_hash, head) VALUES ($1, '邻区', '\x00', 9)`, nextRegion)
	d.Exec(`INSERT INTO pack (region, hash, rev, body) VALUES ($1, 'x', 1, 'x')`, nextRegion)
	d.Exec(`INSERT INTO person SELECT $1, 5, 1, id_number, name, street, community, address, phone, birth, moved_in, moved_out, died,
		bank, account, holder, deputy, deputy_relation, deputy_reason FROM person WHERE region = 140213 AND id_number = $2`, nextRegion, IdOf(year))
}

// PaysThere inserts an approved payment by the neighbour: 70 yuan of item 11 for the month.
func (d *District) PaysThere(year int, m month.Month) {
	d.T.Helper()
	first, batch := m.First().Time(), int32(m)
	d.Exec(`INSERT INTO batch (region, batch, month, bureau, n, state, revision, pack, digest, lines, heads, pays, held, approved_rev)
		VALUES ($1, $2, $3, '区民政局', 1, 'approved', 1, 'x', '', 1, 1, 7000, 0, 2)`, nextRegion, batch, first)
	d.Exec(`INSERT INTO line (region, batch, person, item, payee, month, against, kind, amount, hold, id_number, name, street, community, bank, account, holder, file, seq)
		VALUES ($1, $2, 5, '11', '本人', $3, '11', 1, 7000, 0, $4, '某', '', '', '', '1', '', 1, 1)`, nextRegion, batch, first, IdOf(year))
}

// Later executes statements as one revision, without the program; their $1 is the revision.
func (d *District) Later(statements ...string) {
	d.T.Helper()
	rev := d.Number(`SELECT head FROM region`) + 1
	for _, sql := range statements {
		d.Exec(sql, rev)
	}
	d.Exec(`UPDATE region SET head = $1`, rev)
}
