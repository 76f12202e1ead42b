package server

import (
	"io"
	"net/http"
	"time"
)

// pace is how fast the body of a request must come. A district's file takes its time over
// a slow line, but nobody may hold a connection open with nothing to say.
type pace struct {
	silence time.Duration // without a byte
	grace   time.Duration // before the rate counts
	rate    int64         // bytes a second, on average since the first
}

var usualPace = pace{silence: 20 * time.Second, grace: 30 * time.Second, rate: 8 << 10}

// paced ends requests whose bodies come too slowly.
func paced(next http.Handler, p pace) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			b := &pacedBody{ReadCloser: r.Body, control: http.NewResponseController(w), pace: p, begun: time.Now()}
			b.extend()
			r.Body = b
		}
		next.ServeHTTP(w, r)
	})
}

// pacedBody moves the deadline of its connection as bytes arrive.
type pacedBody struct {
	io.ReadCloser
	control *http.ResponseController
	pace    pace
	begun   time.Time
	read    int64
}

func (b *pacedBody) Read(p []byte) (int, error) {
	b.extend()
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	if err == io.EOF {
		// From here on the connection is watched for its end alone, and the answer has its time.
		_ = b.control.SetReadDeadline(time.Time{})
		_ = b.control.SetWriteDeadline(time.Now().Add(answerTime))
	}
	return n, err
}

// extend gives the next bytes their time. Where deadlines cannot be set there are none.
func (b *pacedBody) extend() {
	due := b.begun.Add(b.pace.grace + time.Duration(b.read/b.pace.rate)*time.Second)
	if quiet := time.Now().Add(b.pace.silence); quiet.Before(due) {
		due = quiet
	}
	_ = b.control.SetReadDeadline(due)
}
