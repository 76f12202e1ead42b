// Package clean makes what people and other programs wrote comparable: spaces,
// full-width characters, invisible marks, and text that would start a formula.
package clean
