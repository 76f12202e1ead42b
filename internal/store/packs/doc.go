// Package packs stores policy packs (规则包) and says which one a region has adopted
// at a revision.
package packs
