// Package storetest is what every store of the hub must keep to, whatever
// the database under it. A store's own test calls Run with a way to open an
// empty one.
package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

// Store is all that the hub needs of a store.
type Store interface {
	hub.Journals
	hub.OrderBook
	hub.Views
	hub.Watch
	hub.Library
	hub.Plans
	hub.AsRunLog
	hub.Register
	hub.Roster
	hub.Reviews
	hub.Team
	hub.SavedViews
	hub.Attachments
	hub.Finder
	hub.Overviews
	hub.AccountBook
	hub.ProofBook
	hub.SessionBook
	hub.TokenBook
	hub.AuditLog
	hub.Fleet
	// Visits is a page of all visits, found or not, as they are now, the newest
	// first.
	Visits(ctx context.Context, p hub.Page) ([]hub.Visit, error)
	// Found lets all visits be found that are committed.
	Found(ctx context.Context) error
	// Behind is how many are not found yet, and since when they wait.
	Behind() (int, time.Time)
	// Needed is the content that must not be removed.
	Needed(ctx context.Context) (map[ark.Hash]bool, error)
	Close() error
}

// Place is where one store lives. Each call of Open opens the same store
// again, after it was closed; the first finds it empty.
type Place interface {
	Open(t testing.TB) Store
}

// Run runs the suite, or only some of it by name. fresh makes a new, empty place.
func Run(t *testing.T, fresh func(t testing.TB) Place, only ...string) {
	rows := []struct {
		name string
		test func(*testing.T, *bench)
	}{
		{"AllOrNone", allOrNone},
		{"CursorsAndOwners", cursorsAndOwners},
		{"Digests", digests},
		{"ManyIncarnations", manyIncarnations},
		{"ExtremesAreTaken", extremes},
		{"OnceById", onceByID},
		{"TwinsAreNotDropped", twins},
		{"BroadcastsOnlyMoveOn", broadcasts},
		{"BroadcastsBelongToTheirVan", foreignBroadcast},
		{"OrderStatesOnlyMoveOn", orderStates},
		{"QuarantineIsReleased", quarantine},
		{"ReleaseUndoesNothing", releaseUndoesNothing},
		{"QuarantineOfAnySize", bigQuarantine},
		{"Pages", pages},
		{"ClocksCorrect", clocks},
		{"ClocksCorrectVisits", clocksOfVisits},
		{"VisitEntries", rawEntries},
		{"Watchers", watchers},
		{"OrderBook", orderBook},
		{"OrdersAllOrNone", ordersAllOrNone},
		{"OrdersBeginAnew", ordersBeginAnew},
		{"ManyAtOnce", manyAtOnce},
		{"Editions", editions},
		{"NeededContent", neededContent},
		{"ManyAnnouncements", manyAnnouncements},
		{"Plans", plans},
		{"PlansHaveRoom", plansHaveRoom},
		{"Settings", settings},
		{"Standing", standing},
		{"ToldByVans", toldByVans},
		{"AsRun", asRun},
		{"Sounded", sounded},
		{"AsRunCorrected", asRunCorrected},
		{"VisitsAreAmended", visitsAreAmended},
		{"AmendmentsInAnyOrder", amendmentsInAnyOrder},
		{"ForeignAmendments", foreignAmendments},
		{"AmendmentsHaveBounds", amendmentsHaveBounds},
		{"Reviews", reviews},
		{"ReviewersAtOnce", reviewersAtOnce},
		{"Assignments", assignments},
		{"Comments", comments},
		{"SavedViews", savedViews},
		{"ReviewLoads", reviewLoads},
		{"ListsAreHeldToASight", sights},
		{"OneIsHeldToASight", sightOfOne},
		{"Attachments", attachments},
		{"FindsVisits", findsVisits},
		{"PagesWhileVisitsCome", pagesWhileVisitsCome},
		{"FoundInOrder", foundInOrder},
		{"NothingInSight", nothingInSight},
		{"MapsOfMixedPlaces", mapsOfMixedPlaces},
		{"BadSearches", badSearches},
		{"ChangesInOrder", changesInOrder},
		{"VisitsAsOf", visitsAsOf},
		{"LeavesASight", leavesASight},
		{"VisitsBox", visitsBox},
		{"OverviewsOfNoDays", noDays},
		{"OverviewsOfWeeks", overviewsOfWeeks},
		{"Crew", crew},
		{"CrewHasRoom", crewHasRoom},
		{"Phones", phones},
		{"Forms", forms},
		{"Households", households},
		{"HouseholdsHaveBounds", householdsHaveBounds},
		{"HouseholdEdits", householdEdits},
		{"HouseholdEditsInAnyOrder", householdEditsInAnyOrder},
		{"HostileHouseholdEdits", hostileHouseholdEdits},
		{"VansAreToldOfTheirArea", toldOfArea},
		{"AreasHoweverTheyAreWritten", areasAsWritten},
		{"VansWithoutAnAreaAreToldOfTheirOwn", toldOfItsOwn},
		{"LargeAreas", largeAreas},
		{"EditsSettle", editsSettle},
		{"NewCardsAreToldAnew", toldAnew},
		{"Accounts", accounts},
		{"LastAdministrator", lastAdministrator},
		{"Proofs", proofs},
		{"Passkeys", passkeys},
		{"Sessions", sessions},
		{"SessionsEndWithTheirAccount", sessionsEnd},
		{"Tokens", tokens},
		{"DeedsAreOnRecord", deedsAreOnRecord},
		{"DeedsAreFound", deedsAreFound},
		{"ManyDeedsAtOnce", manyDeedsAtOnce},
		{"QuarantineIsTriedAgain", triedAgain},
		{"BreaksAreLookedInto", breaks},
		{"WhatVansHold", whatVansHold},
	}
	for _, row := range rows {
		if len(only) > 0 && !slices.Contains(only, row.name) {
			continue
		}
		t.Run(row.name, func(t *testing.T) {
			t.Parallel() // each has a place of its own, and waits for its disk or server more than it computes
			b := &bench{t: t, place: fresh(t)}
			b.Store = b.place.Open(t)
			t.Cleanup(func() { b.Store.Close() })
			row.test(t, b)
		})
	}
}

// bench is a store under test.
type bench struct {
	Store
	t     testing.TB
	place Place
	ids   int
}

// reopen closes the store and opens it again, as another release would.
func (b *bench) reopen() {
	b.t.Helper()
	if err := b.Close(); err != nil {
		b.t.Fatal(err)
	}
	b.Store = b.place.Open(b.t)
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// commit commits deliveries that must go through.
func (b *bench) commit(ds ...hub.Delivery) hub.Change {
	b.t.Helper()
	change, err := b.Commit(b.t.Context(), ds)
	b.must(err)
	return change
}

func (b *bench) id() ark.ID {
	b.ids++
	return ark.NewID(1_790_000_000_000, [10]byte{5: byte(b.ids >> 16), 6: byte(b.ids >> 8), 7: byte(b.ids), 9: 1})
}

// journal is one incarnation of a van's journal, in memory.
type journal struct {
	b   *bench
	van ark.VanID
	inc ark.Incarnation
	at  ark.Cursor
}

func (b *bench) journal(van ark.VanID, inc byte) *journal {
	j := &journal{b: b, van: van, inc: ark.NewIncarnation([16]byte{inc})}
	j.at = j.inc.Start()
	return j
}

// fact appends an entry and returns it as ingest would hand it over.
func (j *journal) fact(id ark.ID, kind ark.Kind, body any) hub.Fact {
	j.b.t.Helper()
	encoded, err := ark.EncodeBody(kind, body)
	j.b.must(err)
	return j.entry(ark.Entry{ID: id, Kind: kind, At: ark.Stamp{Wall: id.Time(), Trusted: true}, Body: encoded})
}

func (j *journal) entry(e ark.Entry) hub.Fact {
	j.b.t.Helper()
	raw, err := ark.EncodeEntry(e)
	j.b.must(err)
	j.at = j.at.Next(raw)
	f := hub.Fact{Cursor: j.at, Raw: raw}
	hub.Understand(&f, j.van)
	return f
}

func (j *journal) visit(id ark.ID, place string) hub.Fact {
	j.b.t.Helper()
	return j.fact(id, ark.KindVisit, ark.Visit{Place: place, Outcome: ark.Met})
}

// delivery is facts on their way, up to the journal's end.
func (j *journal) delivery(facts ...hub.Fact) hub.Delivery {
	return hub.Delivery{Van: j.van, Incarnation: j.inc, UpTo: j.at, Facts: facts, At: time.UnixMilli(1_790_000_001_000)}
}

// places lists the visits, newest first.
func (b *bench) places() (all []string) {
	b.t.Helper()
	vs, err := b.Visits(b.t.Context(), hub.Page{Limit: 500})
	b.must(err)
	for _, v := range vs {
		all = append(all, v.Place)
	}
	return all
}

func (b *bench) van(id ark.VanID) hub.Van {
	b.t.Helper()
	all, err := b.Vans(b.t.Context(), hub.Everything)
	b.must(err)
	for _, v := range all {
		if v.ID == id {
			return v
		}
	}
	return hub.Van{}
}
