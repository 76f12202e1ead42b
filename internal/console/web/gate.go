package web

import (
	"sync"

	"disburse/internal/fault"
)

// How many files are taken in at once, and read at once: each holds a connection of a
// browser, room on the disk, and up to 300 MB of memory while it is read.
const (
	sentAtOnce = 4
	sentByOne  = 2
	readAtOnce = 2
)

// gate counts who is sending files in.
type gate struct {
	mu    sync.Mutex
	all   int
	users map[string]int
}

func newGate() *gate { return &gate{users: map[string]int{}} }

// enter lets a user's file in; leave must be called when it is in. It refuses what is more
// than the server takes at once, before a byte of it is read: fault.Refused.
func (g *gate) enter(user string) (leave func(), err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.users[user] >= sentByOne:
		return nil, fault.New(fault.Refused, "您有 %d 个文件正在上传，请等它们传完再传下一个", sentByOne)
	case g.all >= sentAtOnce:
		return nil, fault.New(fault.Refused, "现在有 %d 个文件正在上传，请过一会儿再传", sentAtOnce)
	}
	g.all++
	g.users[user]++
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.all--
		if g.users[user]--; g.users[user] == 0 {
			delete(g.users, user)
		}
	}, nil
}
