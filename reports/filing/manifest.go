package filing

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"disburse/reports/source"
)

// Manifest names everything that was written for a month: manifest.json in the
// month's folder. Amounts are texts in 元 with two decimals.
type Manifest struct {
	Region   string          `json:"region"`
	District string          `json:"district"`
	Month    string          `json:"month"`
	Batches  []ManifestBatch `json:"batches"` // of the bureaus, in the pack's order
	Files    []ManifestFile  `json:"files"`   // by bureau, in the order of writing
}

// ManifestBatch is what a bureau's files were written from.
type ManifestBatch struct {
	Bureau        string `json:"bureau"`
	Batch         int    `json:"batch"` // 0: the bureau only keeps lists
	State         string `json:"state"`
	Revision      int64  `json:"revision"`
	Policy        string `json:"policy"`
	Digest        string `json:"digest"`
	ChainRevision int64  `json:"chain_revision"`
	ChainHead     string `json:"chain_head"`
	Lines         int    `json:"lines"`
	Heads         int    `json:"heads"`
	Pays          string `json:"pays"`
	Held          string `json:"held"`
	DeathsAt      int64  `json:"deaths_at,omitempty"` // the revision whose deaths the letters know
}

// ManifestFile is one file. Rows and Amount are those of its table.
type ManifestFile struct {
	Path   string `json:"path"` // within the month's folder
	Kind   string `json:"kind"` // 清册, bank, 名册, 拨付申请, 追缴台账, 告知书, 追缴通知书 …
	Bureau string `json:"bureau"`
	Batch  int    `json:"batch"` // 0: the bureau only keeps lists
	Bank   string `json:"bank"`
	Number string `json:"number"`
	SHA256 string `json:"sha256"`
	Rows   int    `json:"rows"`
	Amount string `json:"amount"`
}

const manifestName = "manifest.json"

// Add puts a batch and its files in, in the place of what was there of it. deathsAt is the
// revision whose deaths its letters know, 0 where none were written.
func (m *Manifest) Add(is *source.Issue, files []File, deathsAt int64) {
	b := &is.Batch
	m.Region, m.District, m.Month = is.Pack.Region.Value, is.Pack.District.Value, b.Month.String()
	m.drop(b.Bureau, b.N)
	m.Batches = append(m.Batches, ManifestBatch{
		Bureau: b.Bureau, Batch: b.N, State: string(b.State), Revision: b.Revision, Policy: is.PackHash, Digest: b.Digest,
		ChainRevision: is.ChainRev, ChainHead: is.ChainHead,
		Lines: b.Lines, Heads: b.Heads, Pays: b.Pays.String(), Held: b.Held.String(), DeathsAt: deathsAt,
	})
	for _, f := range files {
		m.Files = append(m.Files, ManifestFile{
			Path: f.Path, Kind: f.Kind, Bureau: f.Bureau, Batch: b.N, Bank: f.Bank, Number: f.Number, SHA256: f.SHA256, Rows: f.Rows, Amount: f.Amount.String(),
		})
	}
	m.sort(is)
}

func (m *Manifest) drop(bureau string, n int) {
	m.Batches = slices.DeleteFunc(m.Batches, func(b ManifestBatch) bool { return b.Bureau == bureau && b.Batch == n })
	m.Files = slices.DeleteFunc(m.Files, func(f ManifestFile) bool { return f.Bureau == bureau && f.Batch == n })
}

// sort puts the bureaus in the pack's order, unknown ones last.
func (m *Manifest) sort(is *source.Issue) {
	place := func(bureau string) int {
		for i, b := range is.Pack.Bureaus {
			if b.Name.Value == bureau {
				return i
			}
		}
		return len(is.Pack.Bureaus)
	}
	compare := func(a, b string) int {
		if d := place(a) - place(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	}
	slices.SortStableFunc(m.Batches, func(a, b ManifestBatch) int { return compare(a.Bureau, b.Bureau) })
	slices.SortStableFunc(m.Files, func(a, b ManifestFile) int { return compare(a.Bureau, b.Bureau) })
}

// ReadManifest reads the manifest of a month's folder, such as out/2026-11, so that
// an export of one bureau keeps what is said of the others. An empty one is returned
// when there is none, or when the file is not a manifest of that month.
func ReadManifest(folder string) (*Manifest, error) {
	data, err := os.ReadFile(filepath.Join(folder, manifestName))
	if errors.Is(err, os.ErrNotExist) {
		return &Manifest{}, nil
	}
	if err != nil {
		return nil, CannotWrite(folder, fmt.Errorf("read manifest: %w", err))
	}
	m := &Manifest{}
	if json.Unmarshal(data, m) != nil || m.Month != filepath.Base(folder) {
		return &Manifest{}, nil
	}
	return m, nil
}

// WriteManifest writes manifest.json into a month's folder, in place of the one there.
func WriteManifest(folder string, m *Manifest) error {
	if m.Batches == nil {
		m.Batches = []ManifestBatch{}
	}
	if m.Files == nil {
		m.Files = []ManifestFile{}
	}
	s, err := NewStage(folder, "")
	if err != nil {
		return CannotWrite(folder, err)
	}
	defer s.Discard()
	_, err = s.Write(manifestName, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(m)
	})
	if err == nil {
		err = s.Commit()
	}
	if err != nil {
		return CannotWrite(folder, err)
	}
	return nil
}
