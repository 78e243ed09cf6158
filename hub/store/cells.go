package store

import "math"

// The map is cut into squares of a Mercator projection (EPSG:3857), as all web
// maps are: 2^cellLevel each way. A square's number is its row, from the
// north, and its column, so that a row of squares is a run of numbers.
const cellLevel = 18

const (
	cellSide  = 1 << cellLevel
	perDegree = 1e7
	mapEdge   = 85.0511287798 // degrees of latitude: the map is square
)

func cellOf(lat, lon int64) int64 { return int64(cellRow(lat))<<cellLevel | int64(cellColumn(lon)) }

func cellColumn(lon int64) int {
	return min(max(int((float64(lon)/perDegree+180)/360*cellSide), 0), cellSide-1)
}

func cellRow(lat int64) int {
	rad := min(max(float64(lat)/perDegree, -mapEdge), mapEdge) * math.Pi / 180
	y := (1 - math.Asinh(math.Tan(rad))/math.Pi) / 2
	return min(max(int(y*cellSide), 0), cellSide-1)
}
