package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"disburse/internal/fault"
)

// beat is the time between two signals to what is left of an earlier server.
const beat = time.Second

// patience is how many beats what is left of an earlier server is given.
type patience struct {
	Postmaster int // one that lives writes its buffers before it goes
	Quit       int // to end after SIGQUIT; then it is killed
	Limit      int // all in all
}

var usualPatience = patience{Postmaster: 20, Quit: 5, Limit: 60}

// lockCluster returns cluster.lock held: from then on no process of an earlier
// server is left in the cluster. Most go by themselves within the first beat, as
// soon as they notice that their postmaster is gone. Others are made to go: those
// that wait for a lock of a killed one, were stopped, or hang.
func (k *keeper) lockCluster() (*os.File, error) {
	for waited, told := 1, 0; ; waited++ {
		lock, err := k.at.lockWithin(clusterLock, beat)
		if !errors.Is(err, errLocked) {
			return lock, err
		}
		if waited >= k.order.Patience.Limit {
			return nil, k.stillHeld()
		}
		if k.postmasterLives() && waited < k.order.Patience.Postmaster {
			continue
		}
		if told++; told <= k.order.Patience.Quit {
			k.evict(syscall.SIGQUIT)
		} else {
			k.evict(syscall.SIGKILL)
		}
	}
}

// lockWithin tries for a while to take a lock.
func (at layout) lockWithin(name string, while time.Duration) (*os.File, error) {
	limit := time.After(while)
	for {
		lock, err := at.tryLock(name)
		if !errors.Is(err, errLocked) {
			return lock, err
		}
		select {
		case <-limit:
			return nil, errLocked
		case <-time.After(pollEvery):
		}
	}
}

// evict signals all that is left of an earlier server. Even SIGKILL loses nothing:
// crash recovery keeps what was committed and undoes what was only begun. Since
// server.lock is ours no other keeper lives, so none of them is in use.
func (k *keeper) evict(sig os.Signal) {
	for _, pid := range k.holders() {
		// A handle of one process (pidfd), which a later one of the same number is not.
		process, err := os.FindProcess(pid)
		if err != nil {
			continue
		}
		if k.holds(pid) {
			_ = process.Signal(sig)
		}
		_ = process.Release()
	}
}

// postmasterLives reports whether the earlier server still has its postmaster,
// which then shuts down: its keeper's death tells it to.
func (k *keeper) postmasterLives() bool {
	pid, err := k.at.readPidFile()
	return err == nil && k.holds(pid.pid)
}

// holders returns the processes of postgres that have inherited cluster.lock.
func (k *keeper) holders() []int {
	var found []int
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range all {
		if pid, err := strconv.Atoi(filepath.Base(dir)); err == nil && k.holds(pid) {
			found = append(found, pid)
		}
	}
	return found
}

// holds reports whether a process is one of postgres and has our cluster.lock open
// where we gave it to our postmaster.
func (k *keeper) holds(pid int) bool {
	if !isPostgres(pid) {
		return false
	}
	lock, err := os.Stat(k.at.path(clusterLock))
	if err != nil {
		return false
	}
	same := false
	k.acc.look(func() {
		its, err := os.Stat(fmt.Sprintf("/proc/%d/fd/%d", pid, clusterLockAt))
		same = err == nil && os.SameFile(its, lock)
	})
	return same
}

// look lets f see the open files of the account's processes. Root may do so
// anyway, but in a container often without CAP_SYS_PTRACE.
func (a account) look(f func()) {
	if !a.drop {
		f()
		return
	}
	runtime.LockOSThread() // both ids are the thread's
	defer runtime.UnlockOSThread()
	_, _ = syscall.Setfsgid(a.gid), syscall.Setfsuid(a.uid)
	defer func() { _, _ = syscall.Setfsuid(os.Geteuid()), syscall.Setfsgid(os.Getegid()) }()
	f()
}

// stillHeld says who is in the way and what to do.
func (k *keeper) stillHeld() error {
	var numbers []string
	for _, pid := range k.holders() {
		numbers = append(numbers, strconv.Itoa(pid))
	}
	if len(numbers) == 0 {
		return fault.New(fault.Refused, "数据库没有启动：数据目录 %s 正被另外的程序占用（可能在另一个容器里），请停止那个程序，不行就重新启动这台机器，然后再试", k.at.dir)
	}
	return fault.New(fault.Refused, "数据库没有启动：上次的数据库进程 %s 还占着数据目录 %s，无法结束，请由 root 执行 kill -9 %s，不行就重新启动这台机器，然后再试",
		strings.Join(numbers, "、"), k.at.dir, strings.Join(numbers, " "))
}
