package office

// What tests of memory read without a database.
var (
	ReadRoster = (*Office).readRoster
	SaveMemory = saveMemory
)
