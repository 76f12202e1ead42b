package people

import "embed"

// Templates are the pages' templates, each named as its page.
//
//go:embed templates
var Templates embed.FS
