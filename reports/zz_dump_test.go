package reports

import (
	"disburse/internal/payrun"
	"os"
	"testing"
)

func TestDump(t *testing.T) {
	os.RemoveAll("/tmp/rep_out")
	is, src := synthesise(t, civil, 300)
	if _, err := Write(t.Context(), "/tmp/rep_out/ok", is, src, Options{}); err != nil {
		t.Fatal(err)
	}
	is.Batch.State = payrun.Open
	is.Signatures = nil
	if _, err := Write(t.Context(), "/tmp/rep_out/draft", is, src, Options{FullLists: true}); err != nil {
		t.Fatal(err)
	}
	is.Previous = nil
	if _, err := Write(t.Context(), "/tmp/rep_out/first", is, src, Options{}); err != nil {
		t.Fatal(err)
	}
}
