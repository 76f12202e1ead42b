// Package cache remembers what was made of a text, by the text.
package cache
