package second_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/month"
	"disburse/internal/policy"
	"disburse/internal/roster"
	"disburse/internal/store/storetest"
)

// population makes up people with many entitlements and writes what is known of them
// past the program, a revision at a time.
type population struct {
	*storetest.Desk
	rng *rand.Rand
	rev int64
}

func newPopulation(d *storetest.Desk) *population {
	return &population{Desk: d, rng: rand.New(rand.NewPCG(7, 11))}
}

// begin opens a revision and end makes it the region's last.
func (p *population) begin() { p.rev = p.Number(`SELECT head FROM region`) + 1 }

func (p *population) end() {
	p.Exec(`UPDATE region SET head = $1, next_person = (SELECT max(person) + 1 FROM person)`, p.rev)
}

func (p *population) one(in int) bool { return p.rng.IntN(in) == 0 }

func (p *population) pick(from ...string) string { return from[p.rng.IntN(len(from))] }

// day is any day from … to.
func (p *population) day(from, to month.Date) month.Date {
	return from.Add(p.rng.IntN(int(to-from) + 1))
}

func stored(d month.Date) any {
	if d == 0 {
		return nil
	}
	return d.Time()
}

// writePerson writes somebody whose account, dates and deputy are as chance has it.
func (p *population) writePerson(n int64, birth month.Date) {
	var in, out, died month.Date
	start, end := month.DateOf(2026, 7, 20), month.DateOf(2026, 12, 10)
	if p.one(12) {
		in = p.day(start, end)
	}
	if p.one(12) {
		out = p.day(start, end)
	}
	if p.one(12) {
		died = p.day(start, end)
	}
	account := fmt.Sprintf("6222%08d", n)
	switch {
	case p.one(25):
		account = ""
	case p.one(25):
		account = fmt.Sprintf("6222%08d", n/2) // now and then somebody else's
	}
	name := fmt.Sprintf("某人%d", n)
	holder, deputy, reason := "", "", ""
	if p.one(15) {
		holder = p.pick(name, "别人")
	}
	if p.one(10) {
		deputy, reason = "代领者", p.pick("", "卧床")
	}
	p.Exec(`INSERT INTO person (region, person, rev, id_number, name, street, community, address, phone, birth, moved_in, moved_out, died,
		bank, account, holder, deputy, deputy_relation, deputy_reason)
		VALUES ($1, $2, $3, $4, $5, $6, '一社区', '', '', $7, $8, $9, $10, '示例银行', $11, $12, $13, '', $14)`,
		storetest.DeskRegion, n, p.rev, roster.MakeID("140202", birth, int(n%999)), name, p.pick("永泰", "古城", "新旺"), stored(birth),
		stored(in), stored(out), stored(died), account, holder, deputy, reason)
}

// factValues are what chance may record: rarely enough that most people have some.
var factValues = map[string][]string{
	"低保": {"是"}, "低保边缘": {"是"}, "经济困难认定": {"是"}, "特困": {"分散", "集中"}, "自理能力": {"全自理", "半自理", "全护理"},
	"生活不能自理": {"是"}, "失能等级": {"能力完好", "中度失能", "重度失能", "完全失能", "完全失能"}, "残疾类别": {"肢体", "智力", "听力、精神"},
	"残疾等级": {"一级", "二级", "三级", "四级"}, "工伤护理费": {"是"}, "养老保险": {"职工", "居民"}, "医疗保险": {"职工", "居民", "居民"},
	"入住机构": {"甲院", "乙院", "新院"}, "机构月收费": {"1500.00", "2400.55", "500.00"}, "低保月金额": {"500.00", "420.10"}, "暂停发放": {"核查"},
}

var factOrder = []string{"低保", "低保边缘", "经济困难认定", "特困", "自理能力", "生活不能自理", "失能等级", "残疾类别", "残疾等级", "工伤护理费",
	"养老保险", "医疗保险", "入住机构", "机构月收费", "低保月金额", "暂停发放"}

// writeFact restates one fact's history with one or two records, or withdraws it.
func (p *population) writeFact(rows *[][]any, n int64, fact string) {
	values := factValues[fact]
	put := func(i int, since, until any, value string) {
		*rows = append(*rows, []any{storetest.DeskRegion, n, fact, p.rev, int16(i), since, until, value, ""})
	}
	first := p.day(month.DateOf(2026, 6, 1), month.DateOf(2026, 12, 15))
	switch p.rng.IntN(5) {
	case 0:
		put(0, nil, nil, "")
	case 1:
		put(1, stored(month.DateOf(2024, 1, 1)), stored(first), p.pick(values...))
		put(2, stored(first.Add(1+p.rng.IntN(40))), nil, p.pick(values...))
	case 2:
		put(1, stored(first), stored(first.Add(p.rng.IntN(90))), p.pick(values...))
	default:
		put(1, stored(month.DateOf(2024, 1, 1)), nil, p.pick(values...))
	}
}

func (p *population) copyFacts(rows [][]any) {
	p.T.Helper()
	_, err := p.Owner.CopyFrom(p.T.Context(), pgx.Identifier{"fact"},
		[]string{"region", "person", "fact", "rev", "n", "since", "until", "value", "basis"}, pgx.CopyFromRows(rows))
	if err != nil {
		p.T.Fatal(err)
	}
}

// people writes so many newcomers and what is known of them.
func (p *population) people(count int64) {
	p.begin()
	for _, house := range []string{"甲院", "乙院", "区医保局"} {
		p.Exec(`INSERT INTO payee (region, name, rev, bank, account, holder) VALUES ($1, $2, $3, '示例银行', $4, '')`,
			storetest.DeskRegion, house, p.rev, "1001"+fmt.Sprint(len(house)))
	}
	var facts [][]any
	for n := int64(1); n <= count; n++ {
		birth := p.day(month.DateOf(1936, 1, 1), month.DateOf(1967, 12, 31))
		switch {
		case p.one(40):
			birth = p.day(month.DateOf(1926, 8, 1), month.DateOf(1927, 3, 1))
		case p.one(200):
			birth = month.DateOf(1914, 5, 5)
		}
		p.writePerson(n, birth)
		for _, f := range factOrder {
			if p.one(3) {
				p.writeFact(&facts, n, f)
			}
		}
		p.award(n)
	}
	p.copyFacts(facts)
	p.end()
}

func (p *population) award(n int64) {
	if !p.one(4) {
		return
	}
	first := time.Date(2026, time.Month(7+p.rng.IntN(6)), 1, 0, 0, 0, 0, time.UTC)
	var last any
	if p.one(2) {
		last = first
	}
	p.Exec(`INSERT INTO award (region, person, item, rev, n, amount, first_month, last_month, payee, basis)
		VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8, '')`, storetest.DeskRegion, n, p.pick("1", "2", "17", "18-4", "18-5", "24"), p.rev,
		int64(1+p.rng.IntN(300000)), first, last, p.pick("", "", "甲院"))
}

// news changes what is known of every tenth person.
func (p *population) news() {
	type known struct {
		number int64
		birth  time.Time
	}
	rows, err := p.Owner.Query(p.T.Context(), `SELECT DISTINCT ON (person) person, birth FROM person ORDER BY person, rev DESC`)
	if err != nil {
		p.T.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (k known, err error) { return k, r.Scan(&k.number, &k.birth) })
	if err != nil {
		p.T.Fatal(err)
	}
	p.begin()
	var facts [][]any
	for _, k := range all {
		if p.one(10) {
			p.writePerson(k.number, month.FromTime(k.birth))
		}
		if p.one(6) {
			p.writeFact(&facts, k.number, p.pick(factOrder...))
		}
	}
	p.copyFacts(facts)
	p.end()
}

// returns lets the bank refuse some payments of the latest approved batches: every
// line they carried is due again.
func (p *population) returns() {
	p.begin()
	p.Exec(`INSERT INTO payment_result (region, batch, file, seq, rev, outcome, code, reason, account)
		SELECT region, batch, file, seq, $1, 2, '3018', '清户', account FROM payment WHERE seq % 9 = 0
		AND NOT EXISTS (SELECT FROM payment_result r WHERE (r.region, r.batch, r.file, r.seq) = (payment.region, payment.batch, payment.file, payment.seq))`, p.rev)
	p.Exec(`INSERT INTO ledger (region, person, item, payee, month, rev, against, kind, amount, batch)
		SELECT l.region, l.person, l.item, l.payee, l.month, $1, l.against, 2, -l.amount, l.batch
		FROM line l JOIN payment_result r USING (region, batch, file, seq) WHERE r.rev = $1`, p.rev)
	p.end()
}

// settleDebts waives a part of some debts and collects a part of others.
func (p *population) settleDebts(batch int32) {
	p.begin()
	p.Exec(`INSERT INTO waiver (region, person, item, payee, month, rev, amount, actor, approver, reason)
		SELECT region, person, item, payee, month, $1, (amount + 1) / 2, '甲', '乙', '家境' FROM debt WHERE batch = $2 AND person % 3 = 0`, p.rev, batch)
	p.Exec(`INSERT INTO ledger (region, person, item, payee, month, rev, against, kind, amount, batch)
		SELECT region, person, item, payee, month, $1, item, 4, -amount, 0 FROM debt WHERE batch = $2 AND person % 3 = 1`, p.rev, batch)
	p.end()
}

// builtinPack is the pack that the engine runs and the one that the judge reads.
func (p *population) builtinPack() *policy.Pack {
	p.T.Helper()
	pack, err := policy.Load(policy.Builtin())
	if err != nil {
		p.T.Fatal(err)
	}
	return pack
}
