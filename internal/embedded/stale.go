package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"disburse/internal/fault"
)

const (
	orphanGrace = time.Second      // backends notice a dead postmaster by themselves when idle
	orphanLimit = 60 * time.Second // an old server that was told to stop writes its buffers first
)

// lockCluster returns cluster.lock held: from then on no process of an earlier
// server is left in the cluster. Orphans of a killed postmaster, which became our
// children, are told to quit; crash recovery undoes what they had begun.
func (k *keeper) lockCluster() (*os.File, error) {
	grace, limit := time.After(orphanGrace), time.After(orphanLimit)
	for {
		lock, err := k.at.tryLock(clusterLock)
		if !errors.Is(err, errLocked) {
			return lock, err
		}
		select {
		case <-grace:
			signalOrphans(syscall.SIGQUIT)
			grace = time.After(orphanGrace)
		case <-limit:
			return nil, fmt.Errorf("processes of the previous server are still running")
		case <-time.After(pollEvery):
		}
	}
}

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
	name, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.pid), "comm"))
	return err == nil && strings.TrimSpace(string(name)) == "postgres"
}

// becomeSubreaper makes the backends of a killed postmaster our children.
func becomeSubreaper() error {
	const prSetChildSubreaper = 36
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, prSetChildSubreaper, 1, 0); errno != 0 {
		return fmt.Errorf("become subreaper: %w", errno)
	}
	return nil
}

// signalOrphans signals all our children, and takes leave of those that have
// ended. It is called only while no postmaster of ours runs.
func signalOrphans(sig syscall.Signal) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		text, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		// pid (comm) state ppid …; comm may itself hold spaces and brackets
		end := strings.LastIndexByte(string(text), ')')
		fields := strings.Fields(string(text[end+1:]))
		if len(fields) < 2 || fields[1] != strconv.Itoa(os.Getpid()) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		if err != nil {
			continue
		}
		_ = syscall.Kill(pid, sig)
		_, _ = syscall.Wait4(pid, nil, syscall.WNOHANG, nil)
	}
}
