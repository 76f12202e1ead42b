// Package explain says why somebody is granted what they are, and what was known then
// and now.
package explain
