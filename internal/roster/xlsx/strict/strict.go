// Package strict holds workbooks to rules of ECMA-376 (SpreadsheetML), written down here by
// hand: order of elements, types of attributes, counts, references. It is for tests of what
// the program writes; spreadsheet programs forgive much of it, other readers do not.
package strict

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"strings"
)

// Namespaces of SpreadsheetML, of relationships and of markup compatibility.
const (
	mainNS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	relNS  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
)

// node is an XML element.
type node struct {
	space, name string
	attrs       []xml.Attr
	kids        []*node
	text        string
}

// attr returns an attribute without a namespace; empty: it is not there.
func (n *node) attr(name string) string {
	for _, a := range n.attrs {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// relation returns the r:id.
func (n *node) relation() string {
	for _, a := range n.attrs {
		if a.Name.Space == relNS && a.Name.Local == "id" {
			return a.Value
		}
	}
	return ""
}

// child returns the first child of a name; an empty node: there is none.
func (n *node) child(name string) *node {
	for _, k := range n.kids {
		if k.name == name {
			return k
		}
	}
	return &node{}
}

// checker goes through one workbook and gathers what is wrong.
type checker struct {
	parts  map[string][]byte
	types  map[string]string // by extension, with a dot, and by part
	wrong  []string
	shared int // shared strings
	used   int // cells that name one
	styles styleCounts
}

// Check returns what is wrong with a workbook, a sentence each; none: it is well made.
func Check(data []byte) []string {
	c := &checker{parts: map[string][]byte{}, types: map[string]string{}}
	zr, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return []string{"not a zip: " + err.Error()}
	}
	for _, f := range zr.File {
		if _, ok := c.parts[f.Name]; ok {
			c.fail(f.Name, "twice in the zip")
		}
		r, err := f.Open()
		if err != nil {
			return []string{f.Name + ": " + err.Error()}
		}
		if c.parts[f.Name], err = io.ReadAll(r); err != nil {
			return []string{f.Name + ": " + err.Error()}
		}
	}
	c.contentTypes()
	c.book()
	return c.wrong
}

func (c *checker) fail(where, format string, args ...any) {
	if len(c.wrong) < 50 {
		c.wrong = append(c.wrong, where+": "+fmt.Sprintf(format, args...))
	}
}

// parse reads a part; nil where it is missing or no XML.
func (c *checker) parse(part string) *node {
	raw, ok := c.parts[part]
	if !ok {
		c.fail(part, "is missing")
		return nil
	}
	d := xml.NewDecoder(bytes.NewReader(raw))
	root := &node{}
	stack := []*node{root}
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			c.fail(part, "%v", err)
			return nil
		}
		top := stack[len(stack)-1]
		switch t := token.(type) {
		case xml.StartElement:
			n := &node{space: t.Name.Space, name: t.Name.Local}
			for _, a := range t.Attr {
				if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
					n.attrs = append(n.attrs, a)
				}
			}
			top.kids = append(top.kids, n)
			stack = append(stack, n)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			top.text += string(t)
		}
	}
	if len(root.kids) != 1 {
		c.fail(part, "%d roots", len(root.kids))
		return nil
	}
	return root.kids[0]
}

// contentTypes checks that every part has a type and every named part is there.
func (c *checker) contentTypes() {
	const part = "[Content_Types].xml"
	root := c.parse(part)
	if root == nil {
		return
	}
	for _, n := range root.kids {
		key := n.attr("PartName")
		if n.name == "Default" {
			key = "." + strings.ToLower(n.attr("Extension"))
		} else if _, ok := c.parts[strings.TrimPrefix(key, "/")]; !ok {
			c.fail(part, "names %s, which is not there", key)
		}
		if _, ok := c.types[key]; ok {
			c.fail(part, "names %s twice", key)
		}
		c.types[key] = n.attr("ContentType")
	}
	for name := range c.parts {
		if name != part && c.typeOf(name) == "" {
			c.fail(part, "%s has no type", name)
		}
	}
}

func (c *checker) typeOf(part string) string {
	if t, ok := c.types["/"+part]; ok {
		return t
	}
	return c.types[strings.ToLower(path.Ext(part))]
}

// relations are the targets of a part's relationships, by their Id.
func (c *checker) relations(part string) map[string]string {
	name := "_rels/.rels" // of the package
	if part != "" {
		name = path.Join(path.Dir(part), "_rels", path.Base(part)+".rels")
	}
	targets := map[string]string{}
	if _, ok := c.parts[name]; !ok {
		return targets
	}
	root := c.parse(name)
	if root == nil {
		return targets
	}
	for _, r := range root.kids {
		id, target := r.attr("Id"), r.attr("Target")
		if _, ok := targets[id]; ok || id == "" {
			c.fail(name, "Id %q twice or empty", id)
		}
		if r.attr("Type") == "" {
			c.fail(name, "%s has no type", id)
		}
		if r.attr("TargetMode") == "External" {
			continue
		}
		if strings.HasPrefix(target, "/") {
			target = target[1:]
		} else {
			target = path.Join(path.Dir(part), target)
		}
		if _, ok := c.parts[target]; !ok {
			c.fail(name, "%s leads to %s, which is not there", id, target)
		}
		targets[id] = target
	}
	return targets
}
