package read

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

// drain hands on all values in order and leaves the list empty; what was handed on is
// given up on the way.
func (c *chunked[T]) drain(take func(*T)) {
	for k, part := range c.parts {
		for i := range part[:min(chunk, c.count-k*chunk)] {
			take(&part[i])
		}
		c.parts[k] = nil
	}
	*c = chunked[T]{}
}

// join moves all values into one slice and leaves the list empty.
func (c *chunked[T]) join() []T {
	all := make([]T, 0, c.count)
	c.drain(func(x *T) { all = append(all, *x) })
	return all
}
