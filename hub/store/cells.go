package store

import (
	"math"

	"ark/hub"
)

// The map is cut into squares of a Mercator projection (EPSG:3857), as all web
// maps are: 2^cellLevel each way, 150 m and less. A square's number is its row,
// from the north, and its column, so that a row of squares is a run of numbers.
const cellLevel = 18

const (
	cellSide  = 1 << cellLevel
	perDegree = 1e7
	mapEdge   = 85.0511287798 // degrees of latitude: the map is square
)

func cellOf(lat, lon int64) int64 {
	return int64(rowAt(lat, cellLevel))<<cellLevel | int64(columnAt(lon, cellLevel))
}

// columnAt is the column of a longitude where the map has 2^level of them.
func columnAt(lon int64, level int) int {
	side := 1 << level
	return min(max(int((float64(lon)/perDegree+180)/360*float64(side)), 0), side-1)
}

// rowAt is as columnAt, from the north.
func rowAt(lat int64, level int) int {
	side := 1 << level
	rad := min(max(float64(lat)/perDegree, -mapEdge), mapEdge) * math.Pi / 180
	y := (1 - math.Asinh(math.Tan(rad))/math.Pi) / 2
	return min(max(int(y*float64(side)), 0), side-1)
}

// span is a run of rows and columns of cells, both ends in it.
type span struct{ north, south, west, east int }

func (s span) empty() bool { return s.north > s.south || s.west > s.east }

// inner is what is left without the outermost cells.
func (s span) inner() span { return span{s.north + 1, s.south - 1, s.west + 1, s.east - 1} }

// few tells whether the cells are so few that visits are chosen by them.
func (s span) few() bool { return (s.south-s.north+1)*(s.east-s.west+1) <= mostNear }

// near tells whether a box is so small a part of the map.
func near(b hub.Box) bool {
	return b.South <= b.North && b.West <= b.East && cellsOf(b).few()
}

// condition is that v.cell is in the span.
func (s span) condition(args *arguments) string {
	if s.empty() {
		return never
	}
	mask := args.add(int64(cellSide - 1))
	return "v.cell BETWEEN " + args.add(int64(s.north)<<cellLevel|int64(s.west)) + " AND " + args.add(int64(s.south)<<cellLevel|int64(s.east)) +
		" AND (v.cell & " + mask + ") BETWEEN " + args.add(s.west) + " AND " + args.add(s.east)
}
