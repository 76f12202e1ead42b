package storetest

import (
	"path/filepath"

	"disburse/internal/month"
	madeup "disburse/internal/population"
	"disburse/internal/roster"
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
	in, err := roster.Read(d.T.Context(), file, d.Pack.Vocabulary(), m.Last(), nil)
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
