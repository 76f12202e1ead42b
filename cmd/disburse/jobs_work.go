package main

import (
	"cmp"
	"context"
	"encoding/hex"
	"os"
	"path/filepath"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/office"
	"disburse/internal/store/audit"
	"disburse/internal/store/calendar"
	"disburse/jobs"
)

// jobWork is what jobs do with the rest of the program.
func (a *app) jobWork() jobs.Work {
	return jobs.Work{
		Run:    a.onCurrentRules(func(ctx context.Context, own *app, t *jobs.Task) error { return own.jobRun(ctx, t) }),
		Verify: a.onCurrentRules(func(ctx context.Context, own *app, t *jobs.Task) error { return own.jobVerify(ctx, t) }),
		Prove:  a.onCurrentRules(func(ctx context.Context, own *app, t *jobs.Task) error { return own.jobProve(ctx, t) }),
		Audit:  func(ctx context.Context, t *jobs.Task) error { return a.jobAudit(ctx, t) },
		Backup: func(ctx context.Context, t *jobs.Task) error { return a.jobBackup(ctx, t) },
	}
}

// onCurrentRules runs a job with the pack that is adopted when it begins: a server lives
// longer than a pack.
func (a *app) onCurrentRules(work func(context.Context, *app, *jobs.Task) error) func(context.Context, *jobs.Task) error {
	return func(ctx context.Context, t *jobs.Task) error {
		own := *a
		if err := own.useAdopted(ctx); err != nil {
			return err
		}
		return work(ctx, &own, t)
	}
}

// jobRun computes a month. The first run of a region sets its opening month, which is
// somebody's decision, not the calendar's.
func (a *app) jobRun(ctx context.Context, t *jobs.Task) error {
	opened, err := calendar.Opened(ctx, a.DB, a.Region)
	if err != nil {
		return err
	}
	if !opened {
		t.Say("还没有期初月，不自动运行：第一个月请用 disburse run 运行")
		return nil
	}
	report, err := a.Run(ctx, &office.RunOrder{Month: t.Month, By: t.By, Progress: t.Progress})
	if err != nil {
		return err
	}
	return jobs.Report(t, report)
}

// jobVerify recomputes the batches of each bureau's last approved month. What differs is
// counted only: differences name people.
func (a *app) jobVerify(ctx context.Context, t *jobs.Task) error {
	batches, err := calendar.LastApprovedBatches(ctx, a.DB, a.Region)
	if err != nil {
		return err
	}
	wrong, before := 0, int64(0)
	for _, b := range batches {
		differences, err := a.VerifyBatch(ctx, b, func(done int) { t.Progress(before+int64(done), 0) })
		if err != nil {
			return err
		}
		before += int64(b.Heads)
		t.Say("%s：明细 %d 条，可发 %s 元，不一致 %d 处", approval.Title(b), b.Lines, b.Pays.Grouped(), len(differences))
		wrong += len(differences)
	}
	switch {
	case len(batches) == 0:
		t.Say("还没有已审批的批次")
	case wrong > 0:
		return fault.New(fault.Refused, "已审批的批次重算有 %d 处不一致，请用 disburse verify 查看并查明原因", wrong)
	}
	return nil
}

// jobProve compares a run that looks back at touched people with one that looks back at all.
func (a *app) jobProve(ctx context.Context, t *jobs.Task) error {
	opened, err := calendar.Opened(ctx, a.DB, a.Region)
	if err != nil {
		return err
	}
	if !opened {
		t.Say("还没有运行过任何月份")
		return nil
	}
	proof, err := a.ProveFull(ctx, &office.RunOrder{By: t.By, Progress: t.Progress})
	if err != nil {
		return err
	}
	t.Say("%s：回看 %d 人与回看所有人，明细 %d 条、追缴 %d 条，不同 %d 处", proof.Month.Chinese(), proof.Touched, proof.Lines, proof.Debts, len(proof.Differences))
	for _, d := range proof.Differences { // by number in the roster, without personal data
		t.Say("%s", d)
	}
	if len(proof.Differences) > 0 {
		return fault.New(fault.Refused, "%s只回看有变动的人与回看所有人结果不同，请保留现场并交给维护人员", proof.Month.Chinese())
	}
	return nil
}

// jobAudit seals what the access log has gathered, and walks the chain, whether or not
// there could be a seal.
func (a *app) jobAudit(ctx context.Context, t *jobs.Task) error {
	_, _, unsealed := a.SealAccess(ctx, t.By)
	report, err := audit.Verify(ctx, a.DB, a.Region, nil, t.Progress)
	if err != nil {
		return err
	}
	count := int64(len(report.Problems)) + report.More
	if report.Entries == 0 && count == 0 {
		t.Say("还没有任何修订，没有可以核对的")
		return unsealed
	}
	t.Say("审计链 %d 条，链头 %.8s…；逐行核对 %d 行；问题 %d 处", report.Entries, hex.EncodeToString(report.Head), report.Rows, count)
	if count > 0 {
		return fault.New(fault.Refused, "审计核对发现 %d 处问题，请保留现场，用 disburse audit verify 查看", count)
	}
	return unsealed
}

// jobBackup writes a backup and removes the oldest.
func (a *app) jobBackup(ctx context.Context, t *jobs.Task) error {
	folder := cmp.Or(t.Parameters[jobs.Folder], filepath.Join(a.data, "backup"))
	keep, err := t.Number(jobs.Keep)
	if err != nil {
		return err
	}
	password, err := filePassword(t.Parameters[jobs.Password], "任务“备份”的参数“口令文件”")
	if err != nil {
		return fault.New(fault.Invalid, "%s", err.Error())
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fault.Wrap(err, fault.Refused, "建不了备份目录“%s”，请检查任务“备份”的目录", folder)
	}
	name := jobs.BackupName(t)
	if err := a.writeBackup(ctx, t, filepath.Join(folder, name), password); err != nil {
		return err
	}
	gone, err := jobs.PruneBackups(folder, a.Region, keep)
	if err == nil && gone > 0 {
		t.Say("删除较早的备份 %d 个，保留 %d 个", gone, keep)
	}
	return err
}

func (a *app) writeBackup(ctx context.Context, t *jobs.Task, file, password string) error {
	order := &office.BackupOrder{File: file, Password: password, By: t.By, Tell: func(string) {},
		URL: func(context.Context) (string, error) { return a.address(), nil }}
	b, err := office.Backup(ctx, order)
	if err != nil {
		return err
	}
	t.Say("已备份到 %s：%d 张表，%d 行，%.1f MB", filepath.Base(file), len(b.Trailer.Tables), b.Trailer.Rows(), float64(b.Size)/(1<<20))
	t.Say("文件 SHA-256 前 8 位：%s", b.SHA256[:8])
	return nil
}
