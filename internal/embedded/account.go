package embedded

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"

	"disburse/internal/fault"
)

// account is the user the server runs under.
type account struct {
	uid, gid int
	drop     bool // we are root and become that user
}

// account chooses the user: ourselves, or, since PostgreSQL refuses root, the
// owner of the existing cluster, else postgres, else nobody.
func (at layout) account() (account, error) {
	if uid := os.Geteuid(); uid != 0 {
		// initdb asks for the name of the user it runs as.
		if _, err := user.LookupId(strconv.Itoa(uid)); err != nil {
			return account{}, fault.Wrap(err, fault.Refused, "当前用户编号 %d 没有用户名，PostgreSQL 不能运行，请换一个在 /etc/passwd 中有名字的用户，或用 --db 连接已有的数据库", uid)
		}
		return account{uid: uid, gid: os.Getegid()}, nil
	}
	info, err := os.Stat(at.path(clusterName))
	if err == nil {
		if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Uid != 0 {
			return account{int(st.Uid), int(st.Gid), true}, nil
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return account{}, at.unusable(err)
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err1 == nil && err2 == nil && uid != 0 {
			return account{uid, gid, true}, nil
		}
	}
	return account{}, fault.New(fault.Refused, "PostgreSQL 不能以 root 运行，而本机没有用户 postgres 或 nobody，请换普通用户运行，或用 --db 连接已有的数据库")
}

// give makes f the account's, when root made it.
func (a account) give(f *os.File) error {
	if !a.drop {
		return nil
	}
	if err := f.Chown(a.uid, a.gid); err != nil {
		return fmt.Errorf("give %s to the server's user: %w", f.Name(), err)
	}
	return nil
}

// process is how a program of PostgreSQL is started: under the account, in a
// process group of its own so that Ctrl-C reaches it only through us, and
// signalled by the kernel when the thread that starts it ends.
func (a account) process(whenWeDie syscall.Signal) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: whenWeDie}
	if a.drop {
		attr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return attr
}

// directory opens the directory name, made with mode 0700 for the account when missing.
func (at layout) directory(name string, a account) (*os.File, error) {
	if err := os.Mkdir(at.path(name), 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, at.unusable(err)
	}
	f, err := os.OpenFile(at.path(name), os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, at.unusable(err)
	}
	if err := errors.Join(a.give(f), f.Chmod(0o700)); err != nil {
		f.Close()
		return nil, at.unusable(err)
	}
	return f, nil
}
