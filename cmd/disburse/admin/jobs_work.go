package admin

import (
	"cmp"
	"context"
	"path/filepath"

	"disburse/cmd/disburse/kit"
	"disburse/internal/fault"
	"disburse/internal/office"
	"disburse/internal/office/admin"
	"disburse/jobs"
)

// jobWork says what of the office a job does. The office's pack is the one that is adopted
// when the job begins: a server lives longer than a pack.
func jobWork(a *kit.App) jobs.Work {
	adopted := func(work func(*office.Office, context.Context, *jobs.Task) error) func(context.Context, *jobs.Task) error {
		return func(ctx context.Context, t *jobs.Task) error {
			own := *a
			if err := own.UseAdopted(ctx); err != nil {
				return err
			}
			return work(own.Office, ctx, t)
		}
	}
	return jobs.Work{
		Run: adopted(func(o *office.Office, ctx context.Context, t *jobs.Task) error {
			return admin.RunJob(ctx, o, t, t.Job, t.Month, t.By)
		}),
		Verify: adopted(func(o *office.Office, ctx context.Context, t *jobs.Task) error { return admin.VerifyJob(ctx, o, t) }),
		Prove: adopted(func(o *office.Office, ctx context.Context, t *jobs.Task) error {
			return admin.ProveJob(ctx, o, t, t.By)
		}),
		Audit:  func(ctx context.Context, t *jobs.Task) error { return admin.AuditJob(ctx, a.Office, t, t.By) },
		Backup: func(ctx context.Context, t *jobs.Task) error { return jobBackup(ctx, a, t) },
	}
}

func jobBackup(ctx context.Context, a *kit.App, t *jobs.Task) error {
	keep, err := t.Number(jobs.Keep)
	if err != nil {
		return err
	}
	password, err := kit.FilePassword(t.Parameters[jobs.Password], "任务“备份”的参数“口令文件”")
	if err != nil {
		return fault.New(fault.Invalid, "%s", err.Error())
	}
	x := admin.BackupJob{Region: a.Region, Folder: cmp.Or(t.Parameters[jobs.Folder], filepath.Join(a.Data, "backup")), Keep: keep, Password: password, By: t.By,
		URL: func(context.Context) (string, error) { return a.Address(), nil }}
	return x.Work(ctx, t)
}
