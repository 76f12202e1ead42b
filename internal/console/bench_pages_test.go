package console_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"disburse/internal/month"
)

// benchPage is a page that is measured.
type benchPage struct{ name, path string }

func searches() []benchPage {
	var all []benchPage
	for _, x := range []struct{ name, words, street string }{
		{"姓", "王", ""}, {"姓名", "王秀英", ""}, {"名", "秀英", ""}, {"姓和街道", "王", "水泊寺"}, {"没有的姓名", "欧阳不在", ""},
		{"首字母一个", "w", ""}, {"首字母三个", "wxy", ""}, {"首字母和街道", "wxy", "水泊寺"}, {"证号开头", "140299", ""}, {"证号十位", "1402991940", ""},
		{"证号末四位", "0777", ""}, {"证号末四位和街道", "0777", "水泊寺"}, {"没有的证号", "999999", ""}, {"完整号码", "140299194001010010", ""}, {"街道", "", "水泊寺"},
	} {
		all = append(all, benchPage{"查找 " + x.name, "/people?" + url.Values{"q": {x.words}, "street": {x.street}}.Encode()})
	}
	return append(all, benchPage{"查找 第二页", "/people?q=王&after=0-2000"})
}

// benchPages are all pages of people, batches, banks and recovery: every tab, and filters
// that find much, little and nothing.
func (s *site) benchPages(b testing.TB) []benchPage {
	_, this := s.batchOf(november+1, civil)
	last, before := s.batchOf(november, civil)
	paid, debtor := s.paidAndOwing(b)
	month, next := november.String(), (november + 1).String()
	all := append([]benchPage{{"本月", "/"}, {"本月 上月", "/month/" + month}, {"批次", "/batches"}}, searches()...)
	return append(all, []benchPage{
		{"某人", fmt.Sprintf("/people/%d", paid)}, {"某人 追缴", fmt.Sprintf("/people/%d", debtor)}, {"某人 为什么", fmt.Sprintf("/people/%d/why/%s", paid, next)}, {"满龄", "/people/reaching/" + next},
		{"概况", this}, {"检查", this + "/checks"}, {"检查未决", this + "/checks?open=1"}, {"明细", this + "/lines"}, {"明细 按项目", this + "/lines?item=11"},
		{"明细 稀少项目", this + "/lines?item=18-3"}, {"明细 按街道和类别", this + "/lines?street=水泊寺&kind=补发"}, {"明细 按姓名", this + "/lines?who=王秀英"},
		{"明细 按证号", this + "/lines?who=14029919400101"}, {"暂缓", this + "/held"}, {"暂缓 按原因", this + "/held?hold=暂停发放"}, {"变动", this + "/bridge"},
		{"变动 停发", this + "/bridge?kind=停发"}, {"补发扣回", this + "/past"}, {"扣回", this + "/past?kind=扣回"}, {"文件", this + "/files"},
		{"上月 概况", before}, {"上月 明细", before + "/lines"}, {"上月 变动", before + "/bridge"}, {"上月 文件", before + "/files"},
		{"银行", "/bank"}, {"银行 上月", "/bank/month/" + month}, {"银行 失败", "/bank/month/" + month + "/failed"},
		{"银行 未答复", "/bank/month/" + month + "/open"}, {"银行 全部未答复", "/bank/open"}, {"银行 对账", "/bank/month/" + month + "/reconcile"},
		{"银行 文件", fmt.Sprintf("/bank/file/%d/1", last.Number)},
		{"追缴", "/recovery"}, {"追缴 街道", "/recovery?street=水泊寺"}, {"追缴 姓名", "/recovery?q=王秀英"}, {"追缴 某人", fmt.Sprintf("/recovery/person/%d", debtor)}, {"核销", "/recovery/waivers"},
	}...)
}

// BenchmarkPages measures the pages of people, batches, banks and recovery of a district
// in which everybody is paid, with one month answered by the banks and the next one
// computed: alone, and while the next month is computed again and again in the same
// process, three times at least. It prints p50 and p95 of each page in milliseconds, the
// longest beside a run, and the ratio of the two p95. First views after the start, which
// read a batch or add up once, are printed by themselves. Every run ends with a revision
// and a batch that nobody has seen: the first views of these are in what is measured
// beside runs.
func BenchmarkPages(b *testing.B) {
	people, rounds := benchPeople(b), 40
	if people < 100_000 {
		rounds = 10 // enough to see that it works
	}
	s := openOffice(b)
	s.settleDistrict(b, people)
	built := s.buildPeople(b)
	pages := s.benchPages(b)
	m := s.as("甲经办")
	m.client.Timeout = time.Minute
	for b.Loop() {
		base := percentile(m.times(b, []benchPage{{"", "/me"}}, func(n int) bool { return n < 200 })[0], 95)
		first := m.times(b, pages, func(n int) bool { return n < 1 })
		alone := m.times(b, pages, func(n int) bool { return n < rounds })
		runs, stop := s.keepRunning(b, november+1)
		beside := m.times(b, pages, func(n int) bool { return n < rounds || runs.Load() < 3 && !b.Failed() })
		stop()
		var said strings.Builder
		worst, slowest, ratio := 0.0, 0.0, 0.0
		for i, p := range pages {
			quiet, busy := percentile(alone[i], 95), percentile(beside[i], 95)
			fmt.Fprintf(&said, "| %s | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f | %.1f |\n", p.name, first[i][0],
				percentile(alone[i], 50), quiet, percentile(beside[i], 50), busy, percentile(beside[i], 100), busy/quiet)
			worst, slowest, ratio = max(worst, quiet), max(slowest, busy), max(ratio, busy/quiet)
		}
		fmt.Printf("\n| 页 | 首次 ms | p50 | p95 | 运行时 p50 | 运行时 p95 | 运行时最长 | p95 之比 |\n|---|---|---|---|---|---|---|---|\n%s", said.String()) // a benchmark's log ends after ten lines
		b.ReportMetric(worst, "worst-p95-ms")
		b.ReportMetric(worst/base, "worst/me")
		b.ReportMetric(slowest, "worst-p95-beside-run-ms")
		b.ReportMetric(ratio, "worst-beside/alone")
		b.ReportMetric(base, "me-p95-ms")
		b.ReportMetric(built, "people-built/copy")
		b.ReportMetric(float64(runs.Load()), "runs")
		b.ReportMetric(float64(people), "people")
	}
}

// times asks for the pages one after the other, and again while more says so of how many
// rounds were made, and returns how long each took in milliseconds.
func (m *member) times(b *testing.B, pages []benchPage, more func(rounds int) bool) [][]float64 {
	b.Helper()
	all := make([][]float64, len(pages))
	for n := 0; more(n); n++ {
		for i, p := range pages {
			begun := time.Now()
			if status, text := m.get(p.path); status != http.StatusOK {
				b.Fatalf("%s: %d %s", p.path, status, text)
			}
			all[i] = append(all[i], float64(time.Since(begun).Microseconds())/1000)
		}
	}
	return all
}

// keepRunning computes the month again and again, as a clerk does on the page, until it is
// told to stop. runs is how often it did.
func (s *site) keepRunning(b *testing.B, of month.Month) (runs *atomic.Int64, stop func()) {
	b.Helper()
	m := s.as("甲经办")
	ctx, end := context.WithCancel(b.Context())
	runs = &atomic.Int64{}
	var wait sync.WaitGroup
	wait.Go(func() {
		for ctx.Err() == nil {
			begun := time.Now()
			if !m.runOnce(b, of) {
				return
			}
			if runs.Add(1) <= 3 {
				fmt.Printf("运行 %.1f 秒\n", time.Since(begun).Seconds())
			}
		}
	})
	return runs, func() {
		end()
		wait.Wait()
	}
}

// runOnce computes the month on its page and follows it to the end; false: it failed.
func (m *member) runOnce(b *testing.B, of month.Month) bool {
	status, where := m.post("/month/"+of.String()+"/run", nil)
	if !strings.HasPrefix(where, "/work/") {
		b.Errorf("no run was begun: %d %s", status, where)
		return false
	}
	for {
		text := m.page(where)
		if strings.Contains(text, "<progress") {
			time.Sleep(200 * time.Millisecond)
			continue
		}
		if !strings.Contains(text, "已计算") {
			b.Errorf("the run failed: %s", text)
			return false
		}
		return true
	}
}
