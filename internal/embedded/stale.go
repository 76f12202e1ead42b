package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"disburse/internal/fault"
)

// clearStale removes what a killed server left. cluster.lock proves that none
// of ours runs, but the numbers in those files may by now belong to another
// program, and PostgreSQL would then refuse to start.
func (k *keeper) clearStale() error {
	for _, name := range []string{socketName, socketName + ".lock"} {
		if err := os.Remove(filepath.Join(k.at.path(socketsName), name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove stale socket: %w", err)
		}
	}
	pid, err := k.at.readPidFile()
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil && pid.startedByHand() {
		return fault.New(fault.Refused, "数据库目录正被手工启动的 PostgreSQL（进程 %d）使用，请先停止它", pid.pid)
	}
	if err == nil && errors.Is(syscall.Kill(pid.pid, 0), syscall.ESRCH) {
		return nil // PostgreSQL sees that itself, and its own checks are worth having
	}
	if err := os.Remove(filepath.Join(k.at.path(clusterName), "postmaster.pid")); err != nil {
		return fmt.Errorf("remove stale postmaster.pid: %w", err)
	}
	return nil
}

// startedByHand reports whether the file was written by a living postgres that
// somebody started on our cluster without us, and so without cluster.lock. We
// never name the cluster by its path, others do.
func (p pidFile) startedByHand() bool {
	if p.cluster == clusterDir {
		return false
	}
	return isPostgres(p.pid)
}

func isPostgres(pid int) bool {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	return err == nil && strings.TrimSpace(string(name)) == "postgres"
}

// becomeSubreaper makes the backends of a killed postmaster our children, so that
// they are seen to their end (reap) even where process 1 reaps nobody.
func becomeSubreaper() error {
	const prSetChildSubreaper = 36
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, prSetChildSubreaper, 1, 0); errno != 0 {
		return fmt.Errorf("become subreaper: %w", errno)
	}
	return nil
}

// reap takes leave of orphans that have ended. Called while we have no other children.
func reap() {
	for {
		pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		if err != syscall.EINTR && pid <= 0 {
			return
		}
	}
}
