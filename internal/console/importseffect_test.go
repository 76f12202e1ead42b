package console_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"disburse/internal/month"
	"disburse/internal/office/monthly"
	"disburse/internal/office/rosters"
	"disburse/internal/roster"
)

// novemberPays is what a bureau's latest batch of November pays, 分.
func (s *site) novemberPays(bureau string) (pays int64) {
	s.t.Helper()
	err := s.owner.QueryRow(s.t.Context(), `SELECT pays FROM batch WHERE bureau = $1 AND month = '2026-11-01' ORDER BY n DESC LIMIT 1`, bureau).Scan(&pays)
	if err != nil {
		s.t.Fatal(err)
	}
	return pays
}

// TestTrialPredictsRun: what the trial of an import says of an open batch is what the
// next run makes of it, and the trial itself changes nothing.
func TestTrialPredictsRun(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(300)
	s.run(november)
	var person int64
	err := s.owner.QueryRow(t.Context(), `SELECT person FROM draft_line l JOIN batch b USING (region, batch) WHERE b.bureau = $1 AND hold = 0 AND item = '11' ORDER BY person LIMIT 1`, civil).Scan(&person)
	if err != nil {
		t.Fatal(err)
	}
	dead := s.somebody(func(d *roster.Dossier) bool { return d.Number == person })
	dead.Died = month.DateOf(2026, 10, 15)
	other := newcomer(9)
	other.Name = "试别人" // two of one name and birthday would be held
	file := filepath.Join(t.TempDir(), "变动.xlsx")
	if err := os.WriteFile(file, s.rosterBook(dead, newcomer(5), other), 0o600); err != nil {
		t.Fatal(err)
	}
	head, _, _ := s.db.Head(t.Context(), siteRegion)
	trial, err := rosters.TryImport(t.Context(), s.office, &rosters.Order{File: file, By: s.by("甲经办")})
	if err != nil {
		t.Fatal(err)
	}
	if now, _, _ := s.db.Head(t.Context(), siteRegion); now != head || trial.Head != head || trial.NewPeople != 2 || trial.ChangedPeople != 1 {
		t.Fatalf("head %d, then %d; %+v", head, now, trial.Report)
	}
	before := map[string]int64{civil: s.novemberPays(civil), labour: s.novemberPays(labour)}
	if _, err := rosters.Import(t.Context(), s.office, &rosters.Order{File: file, By: s.by("甲经办")}); err != nil {
		t.Fatal(err)
	}
	s.run(november)
	moved := false
	for _, e := range trial.Effects {
		foretold, happened := int64(e.Pays.Add(e.NewPays)), s.novemberPays(e.Batch.Bureau)-before[e.Batch.Bureau]
		if foretold != happened {
			t.Errorf("%s: the trial foretold %d 分, the run came to %d", e.Batch.Bureau, foretold, happened)
		}
		moved = moved || (e.Batch.Bureau == civil && e.Pays < 0 && e.NewPays > 0 && e.New == 2 && e.Grave == 1)
	}
	if !moved {
		t.Errorf("effects: %+v", trial.Effects)
	}
}

// TestEffectBesideAWithdrawnMonth: after a mistyped month was taken back behind an approved
// one, a change is compared with the approved one, and the person's year ends with it.
func TestEffectBesideAWithdrawnMonth(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(300)
	s.run(november)
	s.sign(november, civil, "甲经办", "乙复核", "丙审批")
	d := s.paidBy(civil)
	m := s.as("甲经办")
	before := m.page("/people/" + number(d.Number))
	s.run(november + 1)
	if _, err := monthly.Run(t.Context(), s.office, &monthly.RunOrder{Month: november, DiscardLater: true, By: s.by("甲经办")}); err != nil {
		t.Fatal(err)
	}
	sums := regexp.MustCompile(`(?s)<div class="figures">.*?</div>\s*</div>`)
	if is, was := sums.FindString(m.page("/people/"+number(d.Number))), sums.FindString(before); was == "" || is != was {
		t.Errorf("the person's sums were\n%s\nand are\n%s", was, is)
	}
	d.Died = month.DateOf(2026, 10, 15)
	_, where := m.send("/imports", "变动.xlsx", s.rosterBook(d))
	if text := m.page(m.leadsTo(where)); strings.Contains(text, "没有可以比较的批次") || !strings.Contains(text, "2026年11月") {
		t.Errorf("the trial says: %s", text[strings.Index(text, "<main"):])
	}
}
