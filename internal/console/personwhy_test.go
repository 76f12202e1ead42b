package console_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"disburse/internal/money"
	"disburse/internal/office/monthly"
	"disburse/internal/office/rosters"
	"disburse/internal/roster"
	"disburse/internal/store/books"
)

// TestWhyBelongsToItsBureau: an explanation and a letter name no money of another bureau,
// and both are in the access log.
func TestWhyBelongsToItsBureau(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(300)
	s.run(november)
	s.sign(november, civil, "甲经办", "乙复核", "丙审批")
	d := s.paidBy(civil)
	why, letter := "/people/"+number(d.Number)+"/why/2026-11", "/people/"+number(d.Number)+"/letter/2026-11"
	own, other := s.as("甲经办"), s.as("人社经办")
	for name, c := range map[string]struct {
		m    *member
		sees bool
	}{"甲经办": {own, true}, "人社经办": {other, false}, "戊审计": {s.as("戊审计"), true}} {
		text := c.m.page(why)
		if got := strings.Contains(text, `<span class="badge good">享受</span>`) && strings.Contains(text, "本月批次中的明细"); got != c.sees {
			t.Errorf("%s sees what %s pays: %v", name, civil, got)
		}
		if strings.Contains(text, d.ID) {
			t.Errorf("the explanation shows %s a whole ID number", name)
		}
	}
	resp, err := own.client.Get(s.http.URL + letter)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("letter: %d %v", resp.StatusCode, err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil || len(book.GetSheetList()) == 0 {
		t.Fatalf("the letter is no workbook: %v", err)
	}
	if status, _ := other.get(letter); status != http.StatusNotFound {
		t.Errorf("another bureau's letter: %d", status)
	}
	log := s.as("戊审计").page("/audit/access")
	for _, word := range []string{"待遇说明", "告知书"} {
		if !strings.Contains(log, word) {
			t.Errorf("%s is not in the access log", word)
		}
	}
	if status, _ := s.as("丁管理").get(why); status != http.StatusForbidden {
		t.Errorf("an administrator reads an explanation: %d", status)
	}
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "disburse-out-*", "告知书-"+d.Name+"*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left on the disk: %v %v", left, err)
	}
}

// TestWhyKeepsAwardsToTheirBureau: of what became known later, a bureau reads the 核定金额 of
// its own items only, also where one code is a part of another, and of an item that the
// pack no longer has nobody who belongs to one bureau does.
func TestWhyKeepsAwardsToTheirBureau(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(300)
	s.run(november)
	s.sign(november, civil, "甲经办", "乙复核", "丙审批")
	d := s.paidBy(civil)
	award := func(item string, amount money.Fen) roster.Award {
		return roster.Award{Item: item, Amount: amount, First: november}
	}
	change := rosters.PersonChange{Dossier: *d, Title: "试", By: s.by("甲经办")}
	change.Dossier.Facts, change.Dossier.Awards = nil, []roster.Award{award("1", 11100), award("17", 17700)}
	if _, err := rosters.ChangePerson(t.Context(), s.office, &change); err != nil {
		t.Fatal(err)
	}
	s.exec(`INSERT INTO award SELECT region, person, '99', rev, n, 99900, first_month, last_month, payee, basis FROM award WHERE person = $1 AND item = '17' AND amount = 17700`, d.Number)
	for name, sees := range map[string][]bool{"甲经办": {false, true, false}, "人社经办": {true, false, false}, "戊审计": {true, true, true}} {
		text := s.as(name).page("/people/" + number(d.Number) + "/why/2026-11")
		for i, words := range []string{"项目 1 的核定金额", "项目 17 的核定金额", "项目 99 的核定金额"} {
			if strings.Contains(text, words) != sees[i] {
				t.Errorf("%s sees %q: %v", name, words, !sees[i])
			}
		}
	}
}

// TestMonthsOfAPerson: what was approved stands in the person's months, for its bureau.
func TestMonthsOfAPerson(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(300)
	s.run(november)
	s.sign(november, civil, "甲经办", "乙复核", "丙审批")
	d := s.paidBy(civil)
	var amount int64
	if err := s.owner.QueryRow(t.Context(), `SELECT sum(amount)::bigint FROM ledger WHERE person = $1`, d.Number).Scan(&amount); err != nil || amount == 0 {
		t.Fatalf("%d 分 settled: %v", amount, err)
	}
	text := s.as("甲经办").page("/people/" + number(d.Number))
	for _, word := range []string{"2026年合计", "区民政局第1批", "未送", "年应发"} {
		if !strings.Contains(text, word) {
			t.Errorf("the page does not say %q", word)
		}
	}
	if text := s.as("人社经办").page("/people/" + number(d.Number)); strings.Contains(text, "区民政局第1批") {
		t.Error("another bureau sees the payment")
	}
}

// TestVoidedIsNoPayment: a batch that was voided before it was sent shows neither as paid
// nor as returned, and what was approved in its place once.
func TestVoidedIsNoPayment(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(300)
	s.run(november)
	s.sign(november, civil, "甲经办", "乙复核", "丙审批")
	d := s.paidBy(civil)
	settled := func() (current, returned, all money.Fen) {
		f, err := books.ReadPersonFile(t.Context(), s.db, siteRegion, d.Number)
		if err != nil {
			t.Fatal(err)
		}
		months, err := books.ReadPersonSettled(t.Context(), s.db, siteRegion, f, november, november)
		if err != nil {
			t.Fatal(err)
		}
		for i := range months {
			m := &months[i]
			current, returned, all = current.Add(m.Current), returned.Add(m.Returned), all.Add(m.Settled())
		}
		return current, returned, all
	}
	paid, _, all := settled()
	if paid == 0 || all != paid {
		t.Fatalf("%s 元 settled, %s 元 paid", all, paid)
	}
	for _, name := range []string{"乙复核", "丙审批"} {
		if _, err := monthly.Void(t.Context(), s.office, monthly.Signing{Month: november, Bureau: civil, By: s.by(name)}, 1); err != nil {
			t.Fatal(err)
		}
	}
	if current, returned, all := settled(); current != 0 || returned != 0 || all != 0 {
		t.Errorf("voided: paid %s, returned %s, settled %s", current, returned, all)
	}
	s.run(november)
	s.sign(november, civil, "甲经办", "乙复核", "丙审批")
	if current, returned, all := settled(); current != paid || returned != 0 || all != paid {
		t.Errorf("approved again: paid %s, returned %s, settled %s, not %s", current, returned, all, paid)
	}
	row := regexp.MustCompile(`2026年合计</td>(<td class="n">[^<]*</td>){4}<td class="n">([^<]*)</td>`)
	found := row.FindStringSubmatch(s.as("甲经办").page("/people/" + number(d.Number)))
	if found == nil || !slices.Contains([]string{"", "0", "0.00"}, found[2]) {
		t.Errorf("the page shows as returned: %q", found)
	}
}

// TestReachingNextMonth: 本月 counts who turns 80 and 100 next month, and leads to them.
func TestReachingNextMonth(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(300)
	s.caughtUp()
	var want int
	err := s.owner.QueryRow(t.Context(), `SELECT count(*) FROM person WHERE birth BETWEEN '1946-12-01' AND '1946-12-31' AND died IS NULL AND (moved_out IS NULL OR moved_in >= moved_out)`).Scan(&want)
	if err != nil {
		t.Fatal(err)
	}
	text := s.as("乙复核").page("/people/reaching/2026-12")
	if !strings.Contains(text, "80 周岁　"+number(int64(want))+" 人") || strings.Count(text, `<td><a href="/people/`) != want {
		t.Errorf("%d people turn 80, the page has %d", want, strings.Count(text, `<td><a href="/people/`))
	}
	if text := s.as("丁管理").page("/"); !strings.Contains(text, "满 80 周岁（人）") || strings.Contains(text, "/people/reaching/") {
		t.Error("an administrator is led to people")
	}
}

// paidBy is somebody whom a bureau pays in its approved batch.
func (s *site) paidBy(bureau string) *roster.Dossier {
	s.t.Helper()
	var person int64
	err := s.owner.QueryRow(s.t.Context(), `SELECT person FROM line l JOIN batch b USING (region, batch) WHERE b.bureau = $1 AND l.hold = 0 AND kind = 1 ORDER BY person LIMIT 1`,
		bureau).Scan(&person)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.somebody(func(d *roster.Dossier) bool { return d.Number == person })
}
