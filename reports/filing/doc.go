// Package filing puts files into a folder: under temporary names until all are whole,
// with a lock on the folder and a manifest of what is in it.
package filing
