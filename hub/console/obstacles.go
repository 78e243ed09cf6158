package console

import (
	"slices"
	"time"

	"ark"
	"ark/hub"
)

// obstacle is a reason why a van may not be heard now.
type obstacle struct {
	Word string // an obstacle… word, or one of the loudspeaker
	Bad  bool   // it will not be heard; otherwise perhaps
}

// The obstacles.
const (
	obstacleAway    = "away"    // not connected: the order waits
	obstacleQuiet   = "quiet"   // quiet hours, and it is no emergency
	obstacleSound   = "sound"   // something is wrong with the loudspeaker
	obstacleMissing = "missing" // no recording of it is on the van
	obstaclePartly  = "partly"  // some recordings of it are not on the van
	obstacleComing  = "coming"  // the library is on its way
	obstacleOld     = "old"     // the van's library is older than the office's
	obstacleUntold  = "untold"  // the van has not told of its library
)

// obstaclesOf are what stands in the way of a van's being heard at a time; e
// nil: of any announcement that is no emergency.
func obstaclesOf(v hub.Van, u rule, newest int64, e *hub.Edition, at time.Time) (all []obstacle) {
	if !v.Here {
		all = append(all, obstacle{obstacleAway, false})
	}
	if (e == nil || !e.Class.Emergency()) && u.Quiet(at) {
		all = append(all, obstacle{obstacleQuiet, true})
	}
	if v.Health != nil && v.Health.Sound != "ok" {
		all = append(all, obstacle{obstacleSound, true})
	}
	if newest == 0 { // vans have what they were delivered with
		return all
	}
	if o, ok := libraryObstacle(v, newest, e); ok {
		all = append(all, o)
	}
	return all
}

func libraryObstacle(v hub.Van, newest int64, e *hub.Edition) (obstacle, bool) {
	l := v.Library
	if l == nil {
		return obstacle{obstacleUntold, false}, true
	}
	if l.Stage == ark.LibraryHeld && l.Version >= newest {
		if e == nil {
			return obstacle{obstaclePartly, false}, len(l.Missing) > 0
		}
		lost := 0
		for _, r := range e.Recordings {
			if slices.Contains(l.Missing, r.Content) {
				lost++
			}
		}
		if lost > 0 && lost == len(e.Recordings) {
			return obstacle{obstacleMissing, true}, true
		}
		return obstacle{obstaclePartly, false}, lost > 0
	}
	if l.Stage == ark.LibraryComing {
		return obstacle{obstacleComing, false}, true
	}
	return obstacle{obstacleOld, false}, true
}
