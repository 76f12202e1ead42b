package admin

import (
	"context"
	"strings"
	"time"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/office"
	"disburse/internal/store/audit"
)

// Audit walks the chain and the rows behind every revision (核对审计链); anchor is a head
// that lies on paper, nil: none. progress may be nil. Where something is wrong it fails
// with fault.Refused, and the report says what; where there is nothing to walk, with
// fault.NotFound.
func Audit(ctx context.Context, o *office.Office, anchor *audit.Anchor, progress func(rev, of int64)) (*audit.Report, error) {
	if progress == nil {
		progress = func(_, _ int64) {}
	}
	report, err := audit.Verify(ctx, o.DB, o.Region, anchor, progress)
	if err != nil {
		return nil, err
	}
	if count := int64(len(report.Problems)) + report.More; count > 0 {
		return report, fault.New(fault.Refused, "审计核对发现 %d 处问题，请保留现场并报告管理员，与签字页上的链头核对", count)
	}
	if report.Entries == 0 {
		return nil, fault.New(fault.NotFound, "区划 %d 没有可以核对的：还没有任何修订", o.Region)
	}
	return report, nil
}

// PowersWarning says what the daily login can do beyond its work; empty: nothing.
func PowersWarning(powers []audit.Privilege) string {
	if len(powers) == 0 {
		return ""
	}
	words := make([]string, len(powers))
	for i, p := range powers {
		words[i] = string(p)
	}
	return "注意：日常使用的数据库登录用户" + strings.Join(words, "、") + "，知道它口令的人不经过程序也能改动任何内容；请把建表和升级交给另一个登录用户（--db-owner，手册 2.4）"
}

// SealAccess puts the access log's new entries into the chain, and returns the revision
// and how many they were; 0: there were none.
func SealAccess(ctx context.Context, o *office.Office, by journal.By) (rev, count int64, err error) {
	return audit.SealAccess(ctx, o.DB, o.Region, by)
}

// AccessEntry is an entry of the access log, and what the person is called now.
type AccessEntry struct {
	journal.Access
	Who string // empty where it is not about one person
}

// AccessLog is who looked at full numbers (访问记录) from one moment until before another;
// zero times leave it open.
func AccessLog(ctx context.Context, o *office.Office, from, to time.Time) ([]AccessEntry, error) {
	var all []AccessEntry
	var people []int64
	err := audit.AccessLog(ctx, o.DB, o.Region, from, to, func(e journal.Access) error {
		all, people = append(all, AccessEntry{Access: e}), append(people, e.Person)
		return nil
	})
	if err != nil {
		return nil, err
	}
	called, err := audit.NamesAndMaskedIDs(ctx, o.DB, o.Region, people)
	for i := range all {
		all[i].Who = called[all[i].Person]
	}
	return all, err
}
