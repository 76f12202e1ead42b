package workbook

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// collector is what excelize writes the parts of the workbook to, instead of a zip.
type collector map[string]*bytes.Buffer

// Create begins a part.
func (c collector) Create(name string) (io.Writer, error) {
	c[name] = new(bytes.Buffer)
	return c[name], nil
}

// AddFS is never called for workbooks; excelize's interface asks for it.
func (c collector) AddFS(fs.FS) error { return errors.New("workbook: parts come one by one") }

// Close does nothing.
func (c collector) Close() error { return nil }

// skeleton has excelize make every part of the workbook, its sheets without rows.
func (b *Book) skeleton() (collector, error) {
	for i, s := range b.sheets {
		if i == 0 {
			if err := b.file.SetSheetName("Sheet1", s.name); err != nil {
				return nil, fmt.Errorf("name sheet %s: %w", s.name, err)
			}
			continue
		}
		// excelize would take the sheet that has the name already.
		if at, err := b.file.GetSheetIndex(s.name); err != nil || at >= 0 {
			return nil, fmt.Errorf("sheet name %s is taken or not legal", s.name)
		}
		if _, err := b.file.NewSheet(s.name); err != nil {
			return nil, fmt.Errorf("add sheet %s: %w", s.name, err)
		}
	}
	for _, s := range b.sheets {
		if err := s.layout.apply(b.file, s); err != nil {
			return nil, err
		}
	}
	if err := b.describe(); err != nil {
		return nil, err
	}
	parts := collector{}
	b.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return parts })
	if err := b.file.Write(io.Discard); err != nil {
		return nil, fmt.Errorf("write workbook parts: %w", err)
	}
	return parts, nil
}

func (b *Book) describe() error {
	at := b.props.Date.String() + "T00:00:00Z"
	if b.props.Date == 0 {
		at = "1980-01-01T00:00:00Z"
	}
	err := b.file.SetDocProps(&excelize.DocProperties{
		Title: b.props.Title, Subject: b.props.Subject, Creator: b.props.Creator, LastModifiedBy: b.props.Creator,
		Created: at, Modified: at, Language: "zh-CN",
	})
	if err != nil {
		return fmt.Errorf("set properties: %w", err)
	}
	return nil
}

const contentTypes = "[Content_Types].xml"

// assemble writes the zip: parts in a fixed order, with fixed times, and the rows
// in the sheets.
func (b *Book) assemble(w io.Writer, parts collector) error {
	names := make([]string, 0, len(parts))
	for name := range parts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, c string) int {
		if (a == contentTypes) != (c == contentTypes) {
			if a == contentTypes {
				return -1
			}
			return 1
		}
		return strings.Compare(a, c)
	})
	sheets := map[string]*Sheet{}
	for i, s := range b.sheets {
		sheets[fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1)] = s
	}
	zw := zip.NewWriter(w)
	found := 0
	for _, name := range names {
		var segments []*Rows
		if s := sheets[name]; s != nil {
			segments = s.segments
			found++
		}
		content := parts[name].Bytes()
		switch {
		case name == contentTypes:
			content = inOrder(content)
		case sheets[name] != nil:
			content = mend(content)
		}
		if err := b.part(zw, name, content, segments); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	if found != len(b.sheets) {
		return fmt.Errorf("excelize wrote %d of %d sheets where they are expected", found, len(b.sheets))
	}
	return zw.Close()
}

var (
	noColBreaks = []byte("<colBreaks></colBreaks>")
	filterRange = regexp.MustCompile(`<autoFilter ref="[^"]*"`)
)

// mend puts right what excelize writes of a sheet and the schema does not allow: an empty
// list of breaks between columns beside one of breaks between rows, and $ in the range of
// the filters.
func mend(sheet []byte) []byte {
	sheet = bytes.Replace(sheet, noColBreaks, nil, 1)
	return filterRange.ReplaceAllFunc(sheet, func(m []byte) []byte { return bytes.ReplaceAll(m, []byte("$"), nil) })
}

var defaultType = regexp.MustCompile(`<Default [^>]*></Default>`)

// inOrder sorts the content types of extensions, which excelize writes in any order
// when there is a drawing.
func inOrder(types []byte) []byte {
	sorted := defaultType.FindAll(types, -1)
	slices.SortFunc(sorted, bytes.Compare)
	n := 0
	return defaultType.ReplaceAllFunc(types, func([]byte) []byte {
		n++
		return sorted[n-1]
	})
}

// part writes one part; rows go where its sheetData is.
func (b *Book) part(zw *zip.Writer, name string, content []byte, rows []*Rows) error {
	head, tail := content, []byte(nil)
	if rows != nil {
		at := bytes.Index(content, []byte("</sheetData>"))
		if at < 0 {
			return errors.New("no place for rows")
		}
		head, tail = content[:at], content[at:]
	}
	begin, err := piece(head, false)
	if err != nil {
		return err
	}
	end, err := piece(tail, true)
	if err != nil {
		return err
	}
	blocks := []*block{begin}
	for _, r := range rows {
		blocks = append(blocks, r.blocks...)
	}
	blocks = append(blocks, end)
	fh := header(name)
	for _, bl := range blocks {
		fh.CRC32 = joinCRC(fh.CRC32, bl.crc, bl.raw)
		fh.UncompressedSize64 += uint64(bl.raw)
		fh.CompressedSize64 += uint64(bl.size)
	}
	out, err := zw.CreateRaw(fh)
	if err != nil {
		return err
	}
	for _, bl := range blocks {
		if err := b.spool.copyTo(out, bl); err != nil {
			return err
		}
	}
	return nil
}

func piece(raw []byte, last bool) (*block, error) {
	data, err := deflate(raw, last)
	return &block{raw: int64(len(raw)), crc: crc32.ChecksumIEEE(raw), size: int64(len(data)), data: data}, err
}

// header has 1980-01-01 as the time, the first that zip knows.
func header(name string) *zip.FileHeader {
	//lint:ignore SA1019 raw entries are written with the field as it is; Modified would add an extra field
	return &zip.FileHeader{Name: name, Method: zip.Deflate, ModifiedDate: 1<<5 | 1}
}
