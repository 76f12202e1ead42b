package storetest

import (
	"testing/fstest"
)

func Files(pairs ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fsys
}

func Two() fstest.MapFS {
	return Files(
		"0001_first.sql", "CREATE TABLE a (n int); GRANT SELECT, INSERT ON a TO disburse_app;",
		"0002_second.sql", "INSERT INTO a VALUES (1); -- 数据\nCREATE TABLE b (n int);")
}
