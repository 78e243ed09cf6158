package ark

import (
	"errors"
	"fmt"
	"strings"
)

// Place is where a door is, from the whole to the part. Each part is as people
// write it, without the word for its level: building "3" for 3幢, room "501".
type Place struct {
	Street    string `cbor:"1,keyasint,omitempty" json:"street,omitempty"`
	Community string `cbor:"2,keyasint,omitempty" json:"community,omitempty"`
	Grid      string `cbor:"3,keyasint,omitempty" json:"grid,omitempty"`
	Compound  string `cbor:"4,keyasint,omitempty" json:"compound,omitempty"`
	Building  string `cbor:"5,keyasint,omitempty" json:"building,omitempty"`
	Unit      string `cbor:"6,keyasint,omitempty" json:"unit,omitempty"`
	Room      string `cbor:"7,keyasint,omitempty" json:"room,omitempty"`
}

// MaxPart is the most characters of one part of a place.
const MaxPart = 30

// Parts are the parts from the whole to the part, empty ones too.
func (p Place) Parts() [7]string {
	return [...]string{p.Street, p.Community, p.Grid, p.Compound, p.Building, p.Unit, p.Room}
}

// Check tells what is wrong with a place, if anything.
func (p Place) Check() error {
	for _, part := range p.Parts() {
		if err := checkText(part, MaxPart); err != nil {
			return fmt.Errorf("place: %w", err)
		}
	}
	return nil
}

// Within tells whether the place is inside another: all parts that area names
// are the same.
func (p Place) Within(area Place) bool {
	own, its := p.Parts(), area.Parts()
	for i := range its {
		if its[i] != "" && its[i] != own[i] {
			return false
		}
	}
	return true
}

// String is the door as people say it, from the compound on: 翠苑一区3幢2单元501室.
func (p Place) String() string {
	var b strings.Builder
	b.WriteString(p.Compound)
	for _, part := range [...]struct{ name, word string }{{p.Building, "幢"}, {p.Unit, "单元"}, {p.Room, "室"}} {
		if part.name != "" {
			b.WriteString(part.name + part.word)
		}
	}
	return b.String()
}

// Geo is a place on Earth, WGS 84.
type Geo struct {
	Lat int64 `cbor:"1,keyasint" json:"lat"`           // degrees north in units of 1e-7
	Lon int64 `cbor:"2,keyasint" json:"lon"`           // degrees east in units of 1e-7
	Acc int64 `cbor:"3,keyasint,omitempty" json:"acc"` // radius in metres in which it lies with 95 % (W3C Geolocation, accuracy)
}

var errGeo = errors.New("not a place on Earth")

// Check tells whether it is a place on Earth.
func (g Geo) Check() error {
	const unit = 10_000_000
	if g.Lat < -90*unit || g.Lat > 90*unit || g.Lon < -180*unit || g.Lon > 180*unit || g.Acc < 0 || g.Acc > 40_000_000 {
		return fmt.Errorf("geo %d, %d: %w", g.Lat, g.Lon, errGeo)
	}
	return nil
}
