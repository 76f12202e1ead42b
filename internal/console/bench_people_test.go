package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"
)

// benchRoster is how many people the benchmark's roster has.
func benchRoster(b *testing.B) int {
	b.Helper()
	text := os.Getenv("DISBURSE_BENCH_PEOPLE")
	if text == "" {
		return 20_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// benchSearches are what is looked for: what finds much, what finds little, what finds
// nothing, each alone and in a street.
var benchSearches = []struct{ name, words, street string }{
	{"姓", "王", ""}, {"姓名", "王秀英", ""}, {"名", "秀英", ""}, {"姓和街道", "王", "街道7"}, {"没有的姓名", "欧阳不在", ""},
	{"首字母一个", "w", ""}, {"首字母三个", "wxy", ""}, {"首字母和街道", "wxy", "街道7"}, {"证号开头", "140213", ""}, {"证号十位", "1402131940", ""},
	{"证号末四位", "0777", ""}, {"证号末四位和街道", "0777", "街道7"}, {"没有的证号", "999999", ""}, {"完整旧号码", "140213194001010019", ""}, {"街道", "", "街道7"},
}

// BenchmarkPeoplePages measures searches, their later pages and a person's page, and
// prints the p95 of each in milliseconds and as a ratio to that of /me, a page that reads
// nothing, in the same run. It also says how long the people for search took to be built,
// as a ratio to copying their rows within the database into a table with the same indexes.
func BenchmarkPeoplePages(b *testing.B) {
	people := benchRoster(b)
	s := openOffice(b)
	s.people(100)
	s.run(november)
	s.server.Close() // pages stay; only the building is done here, to be measured
	s.fillRoster(people)
	begun := time.Now()
	for {
		mark, err := s.db.CatchUpPeople(b.Context(), siteRegion, 20_000)
		if err != nil {
			b.Fatal(err)
		}
		if mark.Whole() {
			break
		}
	}
	built := time.Since(begun)
	s.exec(`CREATE TABLE bare (LIKE person_now INCLUDING INDEXES)`)
	begun = time.Now()
	s.exec(`INSERT INTO bare SELECT * FROM person_now`)
	bare := time.Since(begun)
	s.exec(`DROP TABLE bare`)
	s.exec(`VACUUM ANALYZE`)
	m := s.as("甲经办")
	for b.Loop() {
		base := m.slowest(b, "/me", 200)
		worst := 0.0
		fmt.Printf("\n名单建立 %.1f 秒（%d 人）= %.1f × 库内复制同样的行\n", built.Seconds(), people, built.Seconds()/bare.Seconds())
		measure := func(name, path string) {
			took := m.slowest(b, path, 40)
			fmt.Printf("%s：p95 %.1f ms = %.1f × /me\n", name, took, took/base)
			worst = max(worst, took)
		}
		for _, x := range benchSearches {
			measure(x.name, "/people?"+url.Values{"q": {x.words}, "street": {x.street}}.Encode())
		}
		measure("第二页", "/people?"+url.Values{"q": {"王"}, "after": {"0-" + strconv.Itoa(2000+people/2)}}.Encode())
		measure("某人", "/people/7")
		measure("满龄", "/people/reaching/2026-12")
		measure("本月", "/")
		b.ReportMetric(worst, "worst-p95-ms")
		b.ReportMetric(worst/base, "worst/me")
		b.ReportMetric(base, "me-p95-ms")
		b.ReportMetric(float64(people), "people")
	}
}

// slowest asks for a page once, then n times, and returns the 95th percentile in milliseconds.
func (m *member) slowest(b *testing.B, path string, n int) float64 {
	b.Helper()
	var all []float64
	for i := range n + 1 {
		begun := time.Now()
		if status, text := m.get(path); status != http.StatusOK {
			b.Fatalf("%s: %d %s", path, status, text)
		}
		if i > 0 {
			all = append(all, float64(time.Since(begun).Microseconds())/1000)
		}
	}
	slices.Sort(all)
	return all[n*95/100]
}

// fillRoster stores n made-up people from number 2001 on, with names that are shared as
// names are: one in twelve is called 王.
func (s *site) fillRoster(n int) {
	s.t.Helper()
	s.exec(`INSERT INTO person SELECT 140213, 2000 + p, 1, '140213' || to_char(DATE '1930-01-01' + (p % 13000), 'YYYYMMDD') || lpad((p % 10000)::text, 4, '0'),
		(ARRAY['王','李','张','刘','陈','杨','赵','黄','周','吴','徐','孙'])[1 + p % 12] || (ARRAY['秀','桂','玉','淑','建','国','志','文','永','春'])[1 + (p / 12) % 10]
		|| (ARRAY['英','兰','珍','华','明','军','强','芳','梅','平','山'])[1 + (p / 120) % 11],
		'街道' || p % 20, '社区' || p % 200, '住址' || p, '', DATE '1930-01-01' + (p % 13000), NULL, NULL, CASE WHEN p % 30 = 0 THEN DATE '2025-05-05' END,
		'银行' || p % 6, '62' || lpad(p::text, 14, '0'), '', '', '', '' FROM generate_series(1, $1::int) p`, n)
	s.exec(`UPDATE region SET next_person = $1`, n+2001)
	s.exec(`DELETE FROM person_now`)
	s.exec(`DELETE FROM people_mark`)
	s.exec(`ANALYZE`)
}
