package main

import (
	"cmp"
	"context"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/office/admin"
	"disburse/internal/postgres"
	"disburse/internal/store/audit"
)

// auditCommand is audit and what is below it.
func (a *app) auditCommand() *cobra.Command {
	c := &cobra.Command{Use: "audit", Short: "审计：核对、日志、访问记录"}
	var anchor string
	verify := &cobra.Command{Use: "verify", Short: "核对审计链，以及每次修订登记的每一行", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		defer a.close()
		head, err := parseAnchor(anchor)
		if err != nil {
			return err
		}
		return a.auditVerify(c.Context(), head)
	}}
	verify.Long = "逐条核对审计日志的哈希链，再把只增不改的各表逐行与登记时的摘要比较；\n被改动、缺失或多出的行，说明是哪次修订、哪个表、哪一行。\n" +
		"库里有几个区划而没有写 --region 的，逐个核对。\n" +
		"--anchor 给出纸面（签字页、manifest.json）上的链头：整条链被重写时，只有它能看出来。"
	verify.Flags().StringVar(&anchor, "anchor", "", "纸面上的链头：HASH 或 修订号:HASH，HASH 至少写前 16 位")
	c.AddCommand(verify, a.auditLogCommand(), a.auditAccessCommand())
	c.AddCommand(a.command("seal", "把还没有封存的访问记录封进审计链（每次运行月份时也会自动封存）", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		by, err := a.by(ctx, "")
		if err != nil {
			return err
		}
		return a.seal(ctx, by)
	}))
	return c
}

// parseAnchor reads HASH, REV:HASH or HASH@REV; nil: none.
func parseAnchor(s string) (*audit.Anchor, error) {
	if s == "" {
		return nil, nil
	}
	const shortest = 16
	hash, rev := s, ""
	if before, after, found := strings.Cut(s, ":"); found {
		rev, hash = before, after
	} else if before, after, found := strings.Cut(s, "@"); found {
		hash, rev = before, after
	}
	anchor := &audit.Anchor{Hash: strings.ToLower(strings.TrimSpace(hash))}
	if rev != "" {
		n, err := strconv.ParseInt(strings.TrimSpace(rev), 10, 64)
		if err != nil || n < 1 {
			return nil, usage("--anchor 的修订号应为正整数，不能是“%s”", rev)
		}
		anchor.Rev = n
	}
	if len(anchor.Hash) < shortest || len(anchor.Hash) > 64 || strings.Trim(anchor.Hash, "0123456789abcdef") != "" {
		return nil, usage("--anchor 应为链头（64 位十六进制，至少写前 %d 位），或 修订号:链头，不能是“%s”", shortest, s)
	}
	return anchor, nil
}

// auditVerify reads nothing else first, and changes nothing: what is broken elsewhere in the
// database, its schema included, is no reason not to look at the rest. A database that
// cannot be reached is one: whatever else a connection finds is not the one to be verified.
func (a *app) auditVerify(ctx context.Context, anchor *audit.Anchor) error {
	f, err := a.flags()
	if err != nil {
		return err
	}
	owner, err := a.reach(ctx)
	if err != nil {
		a.tell("没有连上要核对的数据库，什么都没有核对")
		return err
	}
	schema := a.upToDate(ctx, owner)
	if a.pool, err = postgres.Open(ctx, a.address()); err != nil {
		return cmp.Or(schema, err)
	}
	if schema != nil {
		a.println("数据库结构（schema_migration）：" + sentence(ctx, schema))
	}
	all, err := a.audited(ctx, f)
	if err != nil {
		return err
	}
	if anchor != nil && len(all) > 1 {
		return fault.New(fault.Refused, "链头属于一个区划，库里有 %s，请用 --region 写明是哪一个", listed(all))
	}
	return cmp.Or(a.auditRegions(ctx, all, anchor), schema)
}

// audited are the regions to walk: the one that is named, or all that have left a trace,
// also where their own row is gone.
func (a *app) audited(ctx context.Context, f flags) ([]postgres.Region, error) {
	if f.region != 0 {
		return []postgres.Region{{Code: f.region}}, nil
	}
	all := audit.Traces(ctx, a.pool)
	if len(all) > 0 {
		return all, nil
	}
	pack, err := builtIn()
	if err != nil {
		return nil, err
	}
	return []postgres.Region{regionOf(pack)}, nil
}

// auditRegions walks all of the regions, also after one that is not in order. Where none
// of them has anything to walk, nothing was found complete.
func (a *app) auditRegions(ctx context.Context, all []postgres.Region, anchor *audit.Anchor) error {
	var failed error
	walked := false
	for _, r := range all {
		a.Office = office.New(a.pool, r.Code, nil)
		if len(all) > 1 {
			a.println(r)
		}
		switch err := a.auditRegion(ctx, anchor); {
		case fault.Is(err, fault.NotFound):
			a.println(err)
		case err != nil:
			failed = cmp.Or(failed, err)
			fallthrough
		default:
			walked = true
		}
	}
	if failed == nil && !walked {
		return fault.New(fault.NotFound, "没有可以核对的内容：%s还没有任何修订，请核对 --db、--data 和 --region", listed(all))
	}
	return failed
}

func (a *app) auditRegion(ctx context.Context, anchor *audit.Anchor) error {
	bar := a.progress("核对 修订")
	report, failed := admin.Audit(ctx, a.Office, anchor, bar.show)
	bar.end()
	if report == nil {
		return failed
	}
	for _, p := range report.Problems {
		a.println(p)
	}
	if report.More > 0 {
		a.printf("…… 另有 %d 处\n", report.More)
	}
	if s := admin.PowersWarning(report.Powers); s != "" {
		a.println(s)
	}
	if failed != nil {
		return failed
	}
	a.printf("审计链完整：%d 条，链头 %s\n", report.Entries, hex.EncodeToString(report.Head))
	a.printf("各表逐行核对：%d 行，与登记时一致\n", report.Rows)
	if report.Old > 0 {
		a.printf("其中 %d 条由旧版程序登记，没有逐行摘要，只核对了链\n", report.Old)
	}
	if report.Unsealed > 0 {
		a.printf("有 %d 条访问记录还没有封存，用 disburse audit seal 封存\n", report.Unsealed)
	}
	if anchor != nil {
		a.println("与纸面上的链头相符")
	}
	return nil
}

// seal puts the access log's new entries into the chain.
func (a *app) seal(ctx context.Context, by journal.By) error {
	rev, count, err := admin.SealAccess(ctx, a.Office, by)
	if err != nil {
		return err
	}
	if count == 0 {
		a.println("没有新的访问记录，不必封存")
		return nil
	}
	a.printf("已封存 %d 条访问记录，修订号 %d\n", count, rev)
	return nil
}

// period are the days of --from and --to, both inclusive.
type period struct{ from, to string }

func (p *period) flags(c *cobra.Command) {
	c.Flags().StringVar(&p.from, "from", "", "从哪一天起，如 2026-11-01")
	c.Flags().StringVar(&p.to, "to", "", "到哪一天为止（含）")
}

func (p *period) times() (from, to time.Time, err error) {
	read := func(flag, s string) (time.Time, error) {
		if s == "" {
			return time.Time{}, nil
		}
		d, err := month.ParseDate(s)
		if err != nil {
			return time.Time{}, usage("%s 应为日期，如 2026-11-01，不能是“%s”", flag, s)
		}
		t := d.Time()
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, month.Shanghai), nil
	}
	if from, err = read("--from", p.from); err != nil {
		return from, to, err
	}
	if to, err = read("--to", p.to); err == nil && !to.IsZero() {
		to = to.AddDate(0, 0, 1)
	}
	return from, to, err
}

const auditTime = "2006-01-02 15:04:05"

func (a *app) auditLogCommand() *cobra.Command {
	var p period
	c := a.command("log", "列出审计日志：谁、何时、从何处、做了什么", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		from, to, err := p.times()
		if err != nil {
			return err
		}
		columns := []column{numberColumn("revision", "修订"), textColumn("at", "时间"), textColumn("actor", "用户"), textColumn("origin", "地点"), textColumn("action", "操作"),
			textColumn("subject", "对象"), textColumn("summary", "摘要"), textColumn("reason", "理由")}
		if a.format != "table" {
			columns = append(columns, textColumn("digest", "内容摘要"), textColumn("rows_digest", "行摘要"), textColumn("before_digest", "改前摘要"),
				textColumn("after_digest", "改后摘要"), textColumn("algorithm", "算法"), textColumn("hash", "链上哈希"))
		}
		var rows [][]string
		err = audit.Journal(ctx, a.DB, a.Region, from, to, func(l journal.Link) error {
			row := []string{strconv.FormatInt(l.Rev, 10), l.At.In(month.Shanghai).Format(auditTime), l.Actor, l.Origin, l.Action, l.Subject, l.Summary, l.Reason}
			if a.format != "table" {
				row = append(row, l.Digest, l.Rows, l.Before, l.After, l.Algorithm, hex.EncodeToString(l.Hash))
			}
			rows = append(rows, row)
			return nil
		})
		if err != nil {
			return err
		}
		return a.print(columns, rows)
	})
	p.flags(c)
	return c
}

func (a *app) auditAccessCommand() *cobra.Command {
	var p period
	c := a.command("access", "列出访问记录：谁看过或导出过完整的身份证号、账号", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		from, to, err := p.times()
		if err != nil {
			return err
		}
		return a.accessLog(ctx, from, to)
	})
	p.flags(c)
	return c
}

func (a *app) accessLog(ctx context.Context, from, to time.Time) error {
	columns := []column{numberColumn("n", "序号"), textColumn("at", "时间"), textColumn("actor", "用户"), textColumn("origin", "地点"), textColumn("action", "操作"),
		textColumn("subject", "内容"), numberColumn("person", "人员"), textColumn("who", "何人"), textColumn("scope", "范围"), numberColumn("sealed", "封存修订")}
	all, err := admin.AccessLog(ctx, a.Office, from, to)
	if err != nil {
		return err
	}
	var rows [][]string
	for _, e := range all {
		rows = append(rows, []string{strconv.FormatInt(e.N, 10), e.At.In(month.Shanghai).Format(auditTime), e.Actor, e.Origin, e.Action, e.Subject,
			unlessZero(e.Person), e.Who, e.Scope, unlessZero(e.Sealed)})
	}
	return a.print(columns, rows)
}

func unlessZero(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
