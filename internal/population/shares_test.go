package population

import (
	"math"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"disburse/internal/month"
	"disburse/internal/roster"
)

// census counts people by a word for each.
type census map[string]float64

func take(t *testing.T, p *Population, words func(*roster.Dossier) []string) census {
	t.Helper()
	c := census{}
	if err := p.Each(func(d *roster.Dossier) error {
		for _, w := range words(d) {
			c[w]++
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return c
}

// near checks shares in per cent of a whole: within a tenth of the share, or within
// four standard deviations of what chance allows.
func (c census) near(t *testing.T, whole float64, want map[string]float64) {
	t.Helper()
	for word, share := range want {
		got := 100 * c[word] / whole
		sigma := 100 * math.Sqrt(share/100*(1-share/100)/whole)
		if tolerance := max(share/10, 4*sigma); math.Abs(got-share) > tolerance {
			t.Errorf("%s is %.3f %%, want %.3f ± %.3f", word, got, share, tolerance)
		}
	}
}

func TestAges(t *testing.T) {
	t.Parallel()
	p := of(t, 200_000, 4)
	bands := []struct {
		from int
		name string
	}{{100, "100+"}, {95, "95"}, {90, "90"}, {85, "85"}, {80, "80"}, {75, "75"}, {70, "70"}, {65, "65"}, {60, "60"}, {0, "<60"}}
	ages := census{}
	years := [120]int{}
	for i := range p.o.People {
		_, born := p.place(i)
		age := month.Age(born, november)
		years[age]++
		for _, b := range bands {
			if age >= b.from {
				ages[b.name]++
				break
			}
		}
	}
	ages.near(t, 200_000, map[string]float64{"<60": 0.29, "60": 35, "65": 25, "70": 17, "75": 10.6, "80": 6.9, "85": 3.7,
		"90": 1.2, "95": 0.28, "100+": 0.03})
	for _, young := range []int{60, 65, 70, 75, 80, 85, 90} {
		if years[young] <= years[young+4] {
			t.Errorf("more people of %d than of %d", young+4, young)
		}
	}
}

// Shares of docs/rules.md §8.
func TestShares(t *testing.T) {
	t.Parallel()
	const people = 100_000
	p := of(t, people, 6)
	c := take(t, p, func(d *roster.Dossier) []string {
		var words []string
		for _, f := range d.Facts {
			if f.Since > november.First() || (f.Until != 0 && f.Until < november.First()) {
				continue
			}
			words = append(words, f.Name+f.Value)
			if f.Name == "失能等级" && f.Value != "能力完好" {
				words = append(words, "失能")
			}
			if f.Name == "残疾类别" && strings.Contains(f.Value, "、") {
				words = append(words, "多重")
			}
		}
		return append(words, d.Street, string(roster.SexOf(d.ID)))
	})
	disabled := c["残疾等级一级"] + c["残疾等级二级"] + c["残疾等级三级"] + c["残疾等级四级"]
	c["残疾"], c["特困"] = disabled, c["特困分散"]+c["特困集中"]
	c["居住"] = c["居住状况独居"] + c["居住状况空巢"] + c["居住状况独居、留守"]
	c.near(t, people, map[string]float64{"低保是": 2, "低保边缘是": 0.5, "特困": 0.3, "残疾": 6,
		"失能": 11, "失能等级完全失能": 1.5, "居住": 7.5, "养老保险居民": 50, "养老保险职工": 45,
		"永泰": 7.8, "大庆路": 10.2, "小南头": 2.4, "女": 52.5})
	c.near(t, disabled, map[string]float64{"残疾等级一级": 13, "残疾等级二级": 28, "残疾等级三级": 30, "残疾等级四级": 29,
		"残疾类别肢体": 55, "残疾类别听力": 12, "残疾类别视力": 11, "残疾类别精神": 8, "残疾类别智力": 7, "多重": 5, "残疾类别言语": 2})
	c.near(t, c["特困"], map[string]float64{"特困分散": 85, "自理能力全自理": 69, "自理能力半自理": 20, "自理能力全护理": 10})
}

func TestSharesOfPeople(t *testing.T) {
	t.Parallel()
	const people = 100_000
	c := take(t, of(t, people, 6), func(d *roster.Dossier) []string {
		words := map[string]bool{
			"无账户": d.Account.Number == "", "代领": d.Deputy.Name != "",
			"户名不符": d.HolderName() != d.Name && d.Deputy.Reason == "" && d.Account.Number != "",
			"无电话":  d.Phone == "", "死亡": d.Died != 0, "核定": len(d.Awards) > 0,
			"临时编号": roster.Temporary(d.ID), "迁出": d.MovedOut > november.Add(-6).First(),
		}
		var list []string
		for w, is := range words {
			if is {
				list = append(list, w)
			}
		}
		return list
	})
	c.near(t, people, map[string]float64{"无账户": 0.55, "代领": 0.8, "户名不符": 0.15, "无电话": 3, "核定": 0.45,
		"临时编号": 0.02, "迁出": 0.2, "死亡": 1})
}

// A few names cannot be written in GBK, which is what banks' files mostly are.
func TestRareNames(t *testing.T) {
	t.Parallel()
	gbk, all := simplifiedchinese.GBK.NewEncoder(), simplifiedchinese.GB18030.NewEncoder()
	rare := 0
	if err := of(t, 20_000, 1).Each(func(d *roster.Dossier) error {
		if _, err := gbk.String(d.Name); err != nil {
			rare++
		}
		_, err := all.String(d.Name)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if rare < 20 || rare > 100 {
		t.Errorf("%d names of 20,000 need more than GBK, want about 50", rare)
	}
}
