package layout

// ExampleMark stands, in the template's example rows, where the ID number (or the name
// of a 收款单位) would be. Reading passes over a row that has it there.
const ExampleMark = "示例（不导入）"
