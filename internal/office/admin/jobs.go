package admin

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/office/monthly"
	"disburse/internal/store/audit"
	"disburse/internal/store/calendar"
	"disburse/internal/store/runs"
)

// JobLog is what a job tells while it works: sentences that staff read later, how far it
// is, and notices that are left when it ends well. None may hold personal data.
type JobLog interface {
	Say(format string, args ...any)
	Progress(done, total int64)
	Notify(n calendar.Notice)
}

// RunJob is 月度运行: it computes a month and leaves each bureau's 经办 a notice. The first
// run of a region sets its opening month (期初月), which is somebody's decision, not the
// calendar's: until then it computes nothing. kind is the notices' job.
func RunJob(ctx context.Context, o *office.Office, log JobLog, kind string, m month.Month, by journal.By) error {
	opened, err := calendar.HasOpeningMonth(ctx, o.DB, o.Region)
	if err != nil {
		return err
	}
	if !opened {
		log.Say("还没有期初月，不自动运行：第一个月请用 disburse run 运行")
		return nil
	}
	report, err := monthly.Run(ctx, o, &monthly.RunOrder{Month: m, By: by, Progress: log.Progress})
	if err != nil {
		return err
	}
	return reportRun(log, kind, m, report)
}

// reportRun tells what a run made. It fails with fault.Refused where a bureau was not computed.
func reportRun(log JobLog, kind string, m month.Month, r *runs.Report) error {
	log.Say("%s：按第 %d 号修订计算 %d 人，回看 %d 人", m.Chinese(), r.Revision, r.People, r.Touched)
	blocked := 0
	for _, b := range r.Bureaus {
		if b.Outcome == runs.Blocked {
			blocked++
		}
		line := fmt.Sprintf("%s：%s", b.Bureau, b.Outcome)
		if b.Batch.Number != 0 {
			line += fmt.Sprintf("，明细 %d 条 %d 人，可发 %s 元，暂缓 %s 元", b.Batch.Lines, b.Batch.Heads, b.Batch.Pays.Grouped(), b.Batch.Held.Grouped())
		}
		if b.Reason != "" {
			line += "，" + b.Reason
		}
		log.Say("%s", line)
		if b.Batch.Number != 0 && b.Batch.State.Unsigned() {
			log.Notify(calendar.Notice{Kind: kind, Bureau: b.Bureau, Post: approval.Clerk, Title: m.Chinese() + "已计算，请核对", Body: line + "。", Link: "/"})
		}
	}
	if blocked > 0 {
		return fault.New(fault.Refused, "%s有 %d 个单位没有计算，原因见记录", m.Chinese(), blocked)
	}
	return nil
}

// VerifyJob computes the batches of each bureau's last approved month again. What differs
// is only counted: differences name people. It fails with fault.Refused where something does.
func VerifyJob(ctx context.Context, o *office.Office, log JobLog) error {
	all, err := calendar.LastApprovedBatches(ctx, o.DB, o.Region)
	if err != nil {
		return err
	}
	wrong, before := 0, int64(0)
	for _, b := range all {
		differences, err := monthly.VerifyBatch(ctx, o, b, func(done int) { log.Progress(before+int64(done), 0) })
		if err != nil {
			return err
		}
		before += int64(b.Heads)
		log.Say("%s：明细 %d 条，可发 %s 元，不一致 %d 处", approval.Title(b), b.Lines, b.Pays.Grouped(), len(differences))
		wrong += len(differences)
	}
	switch {
	case len(all) == 0:
		log.Say("还没有已审批的批次")
	case wrong > 0:
		return fault.New(fault.Refused, "已审批的批次重算有 %d 处不一致，请用 disburse verify 查看并查明原因", wrong)
	}
	return nil
}

// ProveJob compares a run that looks back at touched people with one that looks back at
// all. It fails with fault.Refused where they differ.
func ProveJob(ctx context.Context, o *office.Office, log JobLog, by journal.By) error {
	opened, err := calendar.HasOpeningMonth(ctx, o.DB, o.Region)
	if err != nil {
		return err
	}
	if !opened {
		log.Say("还没有运行过任何月份")
		return nil
	}
	proof, err := monthly.ProveFull(ctx, o, &monthly.RunOrder{By: by, Progress: log.Progress})
	if err != nil {
		return err
	}
	log.Say("%s：回看 %d 人与回看所有人，明细 %d 条、追缴 %d 条，不同 %d 处", proof.Month.Chinese(), proof.Touched, proof.Lines, proof.Debts, len(proof.Differences))
	for _, d := range proof.Differences { // by number in the roster, without personal data
		log.Say("%s", d)
	}
	if len(proof.Differences) > 0 {
		return fault.New(fault.Refused, "%s只回看有变动的人与回看所有人结果不同，请保留现场并交给维护人员", proof.Month.Chinese())
	}
	return nil
}

// AuditJob seals what the access log has gathered, and walks the chain, whether or not
// there could be a seal. It fails with fault.Refused where something is wrong.
func AuditJob(ctx context.Context, o *office.Office, log JobLog, by journal.By) error {
	_, _, unsealed := SealAccess(ctx, o, by)
	report, err := audit.Verify(ctx, o.DB, o.Region, nil, log.Progress)
	if err != nil {
		return err
	}
	count := int64(len(report.Problems)) + report.More
	if report.Entries == 0 && count == 0 {
		log.Say("还没有任何修订，没有可以核对的")
		return unsealed
	}
	log.Say("审计链 %d 条，链头 %.8s…；逐行核对 %d 行；问题 %d 处", report.Entries, hex.EncodeToString(report.Head), report.Rows, count)
	if count > 0 {
		return fault.New(fault.Refused, "审计核对发现 %d 处问题，请保留现场，用 disburse audit verify 查看", count)
	}
	return unsealed
}

// BackupJob says where 备份 writes, and how many backups stay.
type BackupJob struct {
	Region   int32 // names the files; the backup is of the whole database
	Folder   string
	Keep     int    // at least 1
	Password string // encrypts them; empty: none
	By       journal.By
	URL      func(context.Context) (string, error)
}

// Work writes a backup into the folder, then removes the oldest beyond Keep: the new one is
// whole before an old one goes.
func (x *BackupJob) Work(ctx context.Context, log JobLog) error {
	if err := os.MkdirAll(x.Folder, 0o700); err != nil {
		return fault.Wrap(err, fault.Refused, "建不了备份目录“%s”，请检查任务“备份”的目录", x.Folder)
	}
	name := BackupName(x.Region, x.By.At)
	b, err := Backup(ctx, &BackupOrder{File: filepath.Join(x.Folder, name), Password: x.Password, By: x.By, Tell: func(string) {}, URL: x.URL})
	if err != nil {
		return err
	}
	log.Say("已备份到 %s：%d 张表，%d 行，%.1f MB", name, len(b.Trailer.Tables), b.Trailer.Rows(), float64(b.Size)/(1<<20))
	log.Say("文件 SHA-256 前 8 位：%s", b.SHA256[:8])
	removed, err := PruneBackups(x.Folder, x.Region, x.Keep)
	if err == nil && removed > 0 {
		log.Say("删除较早的备份 %d 个，保留 %d 个", removed, x.Keep)
	}
	return err
}

// BackupName is the name of a file that 备份 writes: the region and the time in the district.
func BackupName(region int32, at time.Time) string {
	return fmt.Sprintf("disburse-%d-%s.dbk", region, at.In(month.Shanghai).Format("20060102-150405"))
}

// PruneBackups removes the oldest of a folder's backups that 备份 wrote for the region, so
// that keep stay. Other files are not touched. It returns how many it removed.
func PruneBackups(folder string, region int32, keep int) (int, error) {
	ours := regexp.MustCompile(fmt.Sprintf(`^disburse-%d-[0-9]{8}-[0-9]{6}\.dbk$`, region))
	files, err := os.ReadDir(folder)
	if err != nil {
		return 0, fault.Wrap(err, fault.Refused, "读不到备份目录“%s”，请检查任务“备份”的目录", folder)
	}
	var names []string // as old as they sort
	for _, f := range files {
		if f.Type().IsRegular() && ours.MatchString(f.Name()) {
			names = append(names, f.Name())
		}
	}
	slices.Sort(names)
	old := names[:max(0, len(names)-keep)]
	for _, name := range old {
		if err := os.Remove(filepath.Join(folder, name)); err != nil {
			return 0, fault.Wrap(err, fault.Refused, "删不掉旧备份“%s”，请检查备份目录的权限", name)
		}
	}
	return len(old), nil
}
