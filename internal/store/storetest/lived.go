package storetest

func (d *District) Must(err error) {
	d.T.Helper()
	if err != nil {
		d.T.Fatal(err)
	}
}
