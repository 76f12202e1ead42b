// Package diff says in Chinese sentences what one rule pack says otherwise than another.
package diff
