package office

import (
	"runtime/debug"
	"sync"
)

// memory counts the large files that are being read.
var memory struct {
	sync.Mutex
	readers int
	before  int // the collector's percentage otherwise
}

// tightPercent is how far the heap may grow beyond what is in use while a large file is
// read. Rows are kept until the whole file is judged; with the usual 100 the process
// would take twice what they need.
const tightPercent = 10

// SaveMemory makes the garbage collector work harder until the returned function is
// called. It is the process's setting, so those who want it are counted.
func SaveMemory() (done func()) {
	memory.Lock()
	defer memory.Unlock()
	if memory.readers++; memory.readers == 1 {
		memory.before = debug.SetGCPercent(tightPercent)
	}
	return func() {
		memory.Lock()
		defer memory.Unlock()
		if memory.readers--; memory.readers == 0 {
			debug.SetGCPercent(memory.before)
		}
	}
}
