// Package second reads the inputs of the judge (the second, independent computation) with
// queries of its own, and compares its results with what the engine stored. It shares no reading
// code with package runs: a mistake there must not repeat itself here.
package second
