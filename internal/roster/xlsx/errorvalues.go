package xlsx

// ErrorValues are what formulas that fail leave behind, also as text where a sheet was
// pasted as values.
var ErrorValues = []string{"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"}
