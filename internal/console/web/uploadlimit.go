package web

import (
	"sync"

	"disburse/internal/fault"
)

// How many files are received at once, and read at once: each occupies a connection, disk
// space, and up to 300 MB of memory while it is read.
const (
	maxUploads       = 4
	maxUploadsOfUser = 2
	maxReads         = 2
)

// uploadLimiter counts running uploads, in all and by user.
type uploadLimiter struct {
	mu    sync.Mutex
	total int
	users map[string]int
}

func newUploadLimiter() *uploadLimiter { return &uploadLimiter{users: map[string]int{}} }

// acquire counts an upload of a user; the caller must call release when it has ended. Over the
// limits it fails before a byte of the body is read. Errors: fault.Refused.
func (l *uploadLimiter) acquire(user string) (release func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.users[user] >= maxUploadsOfUser:
		return nil, fault.New(fault.Refused, "您有 %d 个文件正在上传，请等它们传完再传下一个", maxUploadsOfUser)
	case l.total >= maxUploads:
		return nil, fault.New(fault.Refused, "现在有 %d 个文件正在上传，请过一会儿再传", maxUploads)
	}
	l.total++
	l.users[user]++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.total--
		if l.users[user]--; l.users[user] == 0 {
			delete(l.users, user)
		}
	}, nil
}
