package web

// ChartLine is a horizontal grid line of a chart with the figure it stands for. Y counts
// pixels from the top of the drawing.
type ChartLine struct {
	Y    int
	Name string
}

// ChartKey is an entry of a chart's legend. Class is the style of its colour.
type ChartKey struct {
	Class string
	Name  string
}
