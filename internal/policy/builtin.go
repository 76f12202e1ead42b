package policy

import (
	_ "embed"
)

//go:embed packs/pingcheng.yaml
var pingcheng []byte

// Builtin returns the pack of 平城区 that the program carries.
func Builtin() []byte { return pingcheng }
