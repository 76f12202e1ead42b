package roster

// chunk is how many values of a chunked list lie together.
const chunk = 4096

// chunked is a list that grows without copying: rows of a large roster would otherwise
// be copied, and kept twice, again and again.
type chunked[T any] struct {
	parts [][]T
	count int
}

// next adds a zero value and returns it to be filled.
func (c *chunked[T]) next() *T {
	if c.count%chunk == 0 {
		c.parts = append(c.parts, make([]T, chunk))
	}
	c.count++
	return c.at(c.count - 1)
}

// at returns value i.
func (c *chunked[T]) at(i int) *T { return &c.parts[i/chunk][i%chunk] }

// join moves all values into one slice and leaves the list empty.
func (c *chunked[T]) join() []T {
	all := make([]T, 0, c.count)
	for i, part := range c.parts {
		all = append(all, part[:min(chunk, c.count-len(all))]...)
		c.parts[i] = nil
	}
	*c = chunked[T]{}
	return all
}
