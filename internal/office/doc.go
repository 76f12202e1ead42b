// Package office is the one door for everything that writes or shows personal numbers
// (办公): a region under a pack, who acts, what is logged before it is handed out, and
// how files are written whole. What staff do is in the packages below it, one function
// each for the command, the job and the page alike; nothing there prints, reads a flag,
// asks for a password or looks at a clock: journal.By says who does it, and when.
package office
