// Package engine computes what is due: entitled − settled for every month since the
// opening month, netting, holds and checks, one person after another.
package engine
