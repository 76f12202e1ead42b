package packfile

// Conduct says, a sentence each, what the pack asks of those who pay besides what it
// grants: 生存认证, a second 审批, days on which nothing is signed.
func (f *File) Conduct() []string {
	var all []string
	if f.Certification != nil {
		all = append(all, "生存认证："+f.Certification.Sentence())
	}
	if f.Approval != nil {
		all = append(all, "审批："+f.Approval.Sentence())
	}
	for i := range f.Freezes {
		all = append(all, "关账："+f.Freezes[i].Sentence())
	}
	return all
}
