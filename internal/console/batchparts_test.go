package console_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"disburse/internal/month"
	"disburse/internal/office/monthly"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/signing"
)

// rowTag is a row of the list that a page ends with.
var rowTag = regexp.MustCompile(`<tr><td><a href="/people/(\d+)">[^<]*</a> <span class="soft w">([^<]*)</span>`)

// pagesOf walks the pages of a list and returns the people of its rows.
func (m *member) pagesOf(path string) []string {
	m.s.t.Helper()
	next := regexp.MustCompile(`class="button" href="([^"]*after=[^"]*)">下一页`)
	var people []string
	for range 50 {
		text := m.page(path)
		for _, row := range rowTag.FindAllStringSubmatch(text, -1) {
			people = append(people, row[1])
		}
		more := next.FindStringSubmatch(text)
		if more == nil {
			return people
		}
		path = strings.ReplaceAll(more[1], "&amp;", "&")
	}
	m.s.t.Fatalf("%s has no end", path)
	return nil
}

// TestBatchLinesAreComplete: the pages of 明细 have every line once, filtered or not, and
// an ID number finds its person.
func TestBatchLinesAreComplete(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(400)
	s.run(november)
	b, path := s.batchOf(november, civil)
	lines, err := batches.Lines(t.Context(), s.db, siteRegion, b, s.office.Pack)
	if err != nil {
		t.Fatal(err)
	}
	m := s.as("甲经办")
	count := func(keep func(*payrun.Line) bool) (want []string) {
		for i := range lines {
			if keep(&lines[i]) {
				want = append(want, fmt.Sprint(lines[i].Person))
			}
		}
		slices.Sort(want)
		return want
	}
	street := lines[0].Street
	for query, keep := range map[string]func(*payrun.Line) bool{
		"":                                       func(*payrun.Line) bool { return true },
		"?item=13":                               func(l *payrun.Line) bool { return l.Item == "13" },
		"?status=暂缓":                             func(l *payrun.Line) bool { return l.Hold != 0 },
		"?status=可发&street=" + street:            func(l *payrun.Line) bool { return l.Hold == 0 && l.Street == street },
		"?who=" + lines[0].ID:                    func(l *payrun.Line) bool { return l.Person == lines[0].Person },
		"?who=" + url.QueryEscape(lines[0].Name): func(l *payrun.Line) bool { return strings.Contains(l.Name, lines[0].Name) },
		"?who=999999199901019999":                func(*payrun.Line) bool { return false },
		"?item=99":                               func(*payrun.Line) bool { return false },
	} {
		got := m.pagesOf(path + "/lines" + query)
		slices.Sort(got)
		if want := count(keep); !slices.Equal(got, want) {
			t.Errorf("%s: %d rows, want %d", query, len(got), len(want))
		}
	}
	s.exec(`INSERT INTO person SELECT region, 100000 + n, 1, '14029919400101' || lpad(n::text, 4, '0'), name, street, community, '', '', birth, NULL, NULL, NULL,
		'', '', '', '', '', '' FROM person, generate_series(1, 1200) n WHERE person = 1`)
	if status, text := m.get(path + "/lines?who=140299194"); status != http.StatusUnprocessableEntity || !strings.Contains(text, "请多输几位") {
		t.Errorf("a number that stands for too many: %d", status)
	}
	held := m.pagesOf(path + "/held")
	slices.Sort(held)
	if want := count(func(l *payrun.Line) bool { return l.Hold != 0 }); len(want) == 0 || !slices.Equal(held, want) {
		t.Errorf("暂缓 has %d rows, want %d", len(held), len(want))
	}
	if text := m.page(path + "/held"); !strings.Contains(text, "再重新计算") {
		t.Error("暂缓 does not say what releases it")
	}
}

// linesOf are the lines of a bureau's latest batch that are not held.
func (s *site) linesOf(m month.Month, bureau string) []payrun.Line {
	s.t.Helper()
	b, _ := s.batchOf(m, bureau)
	lines, err := batches.Lines(s.t.Context(), s.db, siteRegion, b, s.office.Pack)
	if err != nil {
		s.t.Fatal(err)
	}
	return slices.DeleteFunc(lines, func(l payrun.Line) bool { return l.Hold != 0 })
}

// dies has it become known that somebody died.
func (s *site) dies(person int64, day string) {
	s.t.Helper()
	s.exec(`INSERT INTO journal SELECT region, rev + 1, at, actor, origin, action, subject, reason, digest, summary, algorithm, previous, hash
		FROM journal ORDER BY rev DESC LIMIT 1`)
	s.exec(`UPDATE region SET head = head + 1`)
	s.exec(`INSERT INTO person SELECT DISTINCT ON (person) region, person, (SELECT head FROM region), id_number, name, street, community, address, phone,
		birth, moved_in, moved_out, $2::date, bank, account, holder, deputy, deputy_relation, deputy_reason FROM person WHERE person = $1
		ORDER BY person, rev DESC`, person, day)
}

// TestBridgeNamesEverybody: the names behind 新增, 停发 and 变更 are those of the month's
// book, with its reasons.
func TestBridgeNamesEverybody(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(400)
	s.run(november)
	s.sign(november, civil, "甲经办", "乙复核", "丙审批")
	for _, l := range s.linesOf(november, civil)[:3] {
		s.dies(l.Person, "2026-11-20")
	}
	s.run(november + 1)
	b, path := s.batchOf(november+1, civil)
	m := s.as("甲经办")
	text := m.page(path + "/bridge")
	if strings.Contains(text, "两边不相等") || !strings.Contains(text, "去世") {
		t.Errorf("the bridge does not balance or does not say why somebody left:\n%s", mainTag.FindString(text))
	}
	all := m.pagesOf(path + "/bridge")
	parts := []string{}
	for _, kind := range []string{"新增", "停发", "变更"} {
		parts = append(parts, m.pagesOf(path+"/bridge?kind="+kind)...)
	}
	var want []string
	numbers := []int64{}
	for n := range int64(401) {
		numbers = append(numbers, n)
	}
	moves, err := monthly.Moves(t.Context(), s.office, b, numbers)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range moves {
		want = append(want, fmt.Sprint(x.Person))
	}
	slices.Sort(all)
	slices.Sort(parts)
	slices.Sort(want)
	if len(want) == 0 || !slices.Equal(all, want) || !slices.Equal(parts, want) {
		t.Errorf("%d names, %d by kind; the book has %d", len(all), len(parts), len(want))
	}
	if text := m.page(path + "/past"); strings.Contains(text, "程序内部错误") {
		t.Error(text)
	}
}

var findingBox = regexp.MustCompile(`name="finding" value="([^"]+)"`)

// TestChecksAreDecided: one, several, a whole kind, and by workbook.
func TestChecksAreDecided(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(600)
	s.run(november)
	for _, l := range s.linesOf(november, civil)[:8] {
		s.exec(`UPDATE person SET holder = '别人', deputy_reason = '' WHERE person = $1`, l.Person)
	}
	s.run(november)
	b, path := s.batchOf(november, civil)
	m := s.as("乙复核")
	kinds, err := signing.FindingKinds(t.Context(), s.db, siteRegion, b)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(kinds, func(k signing.FindingKind) bool { return k.Level == payrun.Doubt && k.Open >= 4 })
	if at < 0 {
		t.Fatalf("too few doubts to decide: %+v", kinds)
	}
	kind := kinds[at].Kind
	list := path + "/checks?open=1&kind=" + url.QueryEscape(kind)
	boxes := func() (ids []string) {
		for _, box := range findingBox.FindAllStringSubmatch(m.page(list), -1) {
			ids = append(ids, box[1])
		}
		return ids
	}
	ids := boxes()
	decide := func(action string, form url.Values) (int, string) {
		form.Set("kind", kind)
		return m.post(path+"/checks/"+action, form)
	}
	for _, wrong := range []url.Values{
		{"finding": {ids[0]}, "ruling": {"release"}},
		{"finding": {ids[0]}, "reason": {"核实过"}},
		{"ruling": {"release"}, "reason": {"核实过"}},
	} {
		if status, text := decide("decide", wrong); status != http.StatusUnprocessableEntity || !strings.Contains(text, `class="flash bad"`) {
			t.Errorf("%v: %d", wrong, status)
		}
	}
	if n := len(boxes()); n != len(ids) {
		t.Fatalf("%d of %d are open after forms that were refused", n, len(ids))
	}
	decide("decide", url.Values{"finding": {ids[0]}, "ruling": {"release"}, "reason": {"夫妻共用"}})
	decide("decide", url.Values{"finding": ids[1:3], "ruling": {"hold"}, "reason": {"还在核实"}})
	if n := len(boxes()); n != len(ids)-3 {
		t.Errorf("%d are open, want %d", n, len(ids)-3)
	}
	if text := m.page(path + "/checks?kind=" + url.QueryEscape(kind)); !strings.Contains(text, "夫妻共用") || !strings.Contains(text, "下一次计算起生效") {
		t.Error("a decision does not show who made it and why")
	}
	status, name, book := m.fetch(path + "/checks/workbook")
	if status != http.StatusOK || !strings.Contains(name, ".xlsx") {
		t.Fatalf("workbook: %d %s", status, name)
	}
	if text := m.upload(path+"/checks/upload", "疑点.xlsx", fillRulings(t, book, ids[3], "发放", "上门核实")); !strings.Contains(text, "发放 1 项") {
		t.Errorf("workbook: %s", text)
	}
	if text := m.upload(path+"/checks/upload", "疑点.xlsx", fillRulings(t, book, ids[3], "可能吧", "上门核实")); !strings.Contains(text, "不能处理") || strings.Contains(text, "/tmp") {
		t.Errorf("a workbook with a wrong word: %s", text)
	}
	if text := m.upload(path+"/checks/upload", "../x.xlsx", []byte("PK\x03\x04 no workbook")); !strings.Contains(text, "没有完成") && !strings.Contains(text, "flash bad") {
		t.Errorf("no workbook: %s", text)
	}
	decide("kind", url.Values{"ruling": {"release"}, "reason": {"街道统一核实"}})
	if n := len(boxes()); n != 0 {
		t.Errorf("%d are open after all were decided", n)
	}
	s.run(november)
	if text := m.page(path + "/checks?kind=" + url.QueryEscape(kind)); !strings.Contains(text, "已用于这一批") {
		t.Error("after another run decisions do not count")
	}
	if held := m.page(path + "/held?hold=" + url.QueryEscape("决定暂缓")); !strings.Contains(held, "乙复核 ") || !strings.Contains(held, "对“"+kind+"”决定暂缓：还在核实") {
		t.Errorf("what somebody decided to hold does not say so: %s", held)
	}
}

// fillRulings writes a decision into the row of a finding.
func fillRulings(t testing.TB, book []byte, id, decision, reason string) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		columns := map[string]int{}
		for r, row := range rows {
			for c, text := range row {
				if text == "决定" || text == "理由" {
					columns[text] = c + 1
				}
			}
			if !slices.Contains(row, id) || len(columns) < 2 {
				continue
			}
			for name, text := range map[string]string{"决定": decision, "理由": reason} {
				cell, _ := excelize.CoordinatesToCellName(columns[name], r+1)
				if err := f.SetCellStr(sheet, cell, text); err != nil {
					t.Fatal(err)
				}
			}
			out, err := f.WriteToBuffer()
			if err != nil {
				t.Fatal(err)
			}
			return out.Bytes()
		}
	}
	t.Fatalf("the workbook does not have %s", id)
	return nil
}

// upload sends a file as a form does, and returns what the work says of it.
func (m *member) upload(path, name string, content []byte) string {
	m.s.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("workbook", name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err != nil || w.Close() != nil {
		m.s.t.Fatal(err)
	}
	resp, err := m.client.Post(m.s.http.URL+path, w.FormDataContentType(), &body)
	if err != nil {
		m.s.t.Fatal(err)
	}
	_ = resp.Body.Close()
	return m.finish(resp.Header.Get("Location"))
}

// TestBatchFilesAreWritten: the zip and a single bank file, for who asked alone, recorded.
func TestBatchFilesAreWritten(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(300)
	s.run(november)
	_, path := s.batchOf(november, civil)
	m := s.as("甲经办")
	link := regexp.MustCompile(`href="(/batch/\d+/files/\d+)">下载`)
	m.take(path, "/files", url.Values{})
	draft := link.FindStringSubmatch(m.page(path + "/files"))
	if draft == nil {
		t.Fatal("no file is ready")
	}
	if names := zipNames(t, m, draft[1]); slices.ContainsFunc(names, func(n string) bool { return strings.Contains(n, "银行文件") }) {
		t.Errorf("a draft has bank files: %v", names)
	}
	s.sign(november, civil, "甲经办", "乙复核", "丙审批")
	m.take(path, "/files", url.Values{"letters": {"all"}})
	page := m.page(path + "/files")
	names := zipNames(t, m, link.FindStringSubmatch(page)[1])
	for _, part := range []string{"manifest.json", "清册", "告知书"} {
		if !slices.ContainsFunc(names, func(n string) bool { return strings.Contains(n, part) }) {
			t.Errorf("no %s among %v", part, names)
		}
	}
	number := regexp.MustCompile(`name="number" value="([^"]+)"`).FindStringSubmatch(page)
	if text := m.take(path, "/files", url.Values{"number": {number[1]}, "password": {"打开它"}, "again": {"打开它"}}); !strings.Contains(text, number[1]) {
		t.Fatalf("single file: %s", text)
	}
	one := link.FindStringSubmatch(m.page(path + "/files"))[1]
	status, name, content := m.fetch(one)
	if status != http.StatusOK || len(content) == 0 || !strings.Contains(name, "attachment") {
		t.Fatalf("download: %d %s", status, name)
	}
	for _, other := range []string{"乙复核", "人社经办", "戊审计"} {
		if status, _, _ := s.as(other).fetch(one); status == http.StatusOK {
			t.Errorf("%s downloads what 甲经办 had written", other)
		}
	}
	if status, _ := m.post(path+"/files", url.Values{"password": {"a"}, "again": {"b"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("two different passwords: %d", status)
	}
	var written, taken int
	err := s.owner.QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE subject = '清册和银行文件'), count(*) FILTER (WHERE subject = '下载批次文件')
		FROM access_log WHERE actor = '甲经办' AND action = '导出'`).Scan(&written, &taken)
	if err != nil || written != 3 || taken != 3 {
		t.Errorf("recorded: %d written, %d downloaded, %v", written, taken, err)
	}
}

func zipNames(t *testing.T, m *member, path string) []string {
	t.Helper()
	_, _, content := m.fetch(path)
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		r, err := f.Open()
		if err == nil {
			_, err = io.Copy(io.Discard, r)
		}
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		names = append(names, f.Name)
	}
	return names
}

// TestLaterDeathStopsTheSignature: what became known stands before the form, with its
// effect, and the form is closed where somebody must not be paid.
func TestLaterDeathStopsTheSignature(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(200)
	s.run(november)
	b, path := s.batchOf(november, civil)
	lines := s.linesOf(november, civil)
	m := s.as("甲经办")
	if text := m.page(path); strings.Contains(text, "算出以后得知的变更") {
		t.Error("changes before anything has changed")
	}
	s.dies(lines[0].Person, "2026-10-20")
	text := m.page(path)
	for _, words := range []string{"算出以后得知的变更", "不应照发", lines[0].Name, "disabled>提交"} {
		if !strings.Contains(text, words) {
			t.Errorf("the page does not say %q:\n%s", words, mainTag.FindString(text)[:3000])
		}
	}
	said := m.take(path, "/submit", url.Values{"digest": {b.Digest}, "acknowledged": {"1"}, "reason": {"看过"}})
	if !strings.Contains(said, "不应照发") {
		t.Errorf("submitted although somebody died: %s", said)
	}
}
