// Package packs stores policy packs (规则包) and looks up which one a region had adopted as
// of a revision. Proposing and adopting are in internal/store/rules, which imports it.
package packs
