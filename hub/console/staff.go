package console

import (
	"context"
	"io"
	"net/http"
	"time"

	"ark"
	"ark/hub"
)

// Desk is what whoever is signed in can do. It refuses what their roles do not
// include (hub.ErrNotAllowed), knows nothing beyond their sight, masks what is
// sensitive, and puts on record what it does before it does it. It is all that
// pages have of what vans brought and of what the office asks of them.
type Desk interface {
	// Enter answers hub.ErrNotAllowed to who has not the role for a page.
	Enter(ctx context.Context, page string, role hub.Role) error
	visitDesk
	householdDesk
	fleetDesk
	peopleDesk
	libraryDesk
	planDesk
	auditDesk
	accountDesk
}

type visitDesk interface {
	findDesk
	teamDesk
	viewDesk
	VisitRecord(ctx context.Context, id ark.ID) (hub.VisitRecord, error)
	RevealVisit(ctx context.Context, id ark.ID, why string) (hub.VisitRecord, error)
	FilesHere(ctx context.Context, v hub.VisitRecord) (map[ark.Hash]bool, error)
	OpenFile(ctx context.Context, visit ark.ID, h ark.Hash) (ark.Attachment, hub.Blob, error)
	SetReview(ctx context.Context, r ark.Review, seen hub.Position) error
	TakeBack(ctx context.Context, visit ark.ID, state ark.ReviewState) error
}

type teamDesk interface {
	SetAssigned(ctx context.Context, visit ark.ID, to, was string) error
	AddComment(ctx context.Context, visit ark.ID, words string) error
	RemoveComment(ctx context.Context, visit ark.ID, n int64) error
	ReviewLoad(ctx context.Context, today time.Time) (hub.ReviewLoad, error)
	Reviewers(ctx context.Context) ([]hub.Colleague, error)
}

type viewDesk interface {
	SavedViews(ctx context.Context) ([]hub.SavedView, error)
	SaveView(ctx context.Context, v hub.SavedView) error
	RemoveView(ctx context.Context, id ark.ID) error
	RestoreView(ctx context.Context, id ark.ID) error
}

type findDesk interface {
	FindVisits(ctx context.Context, f hub.VisitFilter, p hub.VisitPage) ([]hub.Visit, error)
	CountVisits(ctx context.Context, f hub.VisitFilter, most int) (int, error)
	AnyVisit(ctx context.Context) (bool, error)
	Waiting(ctx context.Context, most int) (int, error)
	VisitsSince(ctx context.Context, changed int64, limit int) ([]hub.VisitChange, error)
	MapVisits(ctx context.Context, f hub.VisitFilter, b hub.Box, zoom int) ([]hub.Cluster, error)
	VisitsBox(ctx context.Context) (b hub.Box, found bool, err error)
	VisitChoices(ctx context.Context, all bool) (hub.Choices, error)
	VisitsAsOf(ctx context.Context) (string, error)
	SeeVisits(ctx context.Context, f hub.VisitFilter, p hub.VisitPage) error
	ExportVisits(ctx context.Context, f hub.VisitFilter, o hub.VisitOrder, format string, each func(hub.Visit) error) error
	ExportVisitsWhole(ctx context.Context, f hub.VisitFilter, o hub.VisitOrder, format, why string, each func(hub.Visit) error) error
	ExportHouseholds(ctx context.Context, f hub.HouseholdFilter, format string, each func(ark.Household) error) error
	ExportHouseholdsWhole(ctx context.Context, f hub.HouseholdFilter, format, why string, each func(ark.Household) error) error
	Overview(ctx context.Context, q hub.OverviewQuery) (hub.Overview, error)
	SeeOverview(ctx context.Context, q hub.OverviewQuery) error
}

type householdDesk interface {
	Households(ctx context.Context, f hub.HouseholdFilter) ([]ark.Household, error)
	AnyHousehold(ctx context.Context, within ark.Place) (bool, error)
	RevealHouseholds(ctx context.Context, f hub.HouseholdFilter, why string) ([]ark.Household, error)
	HouseholdHistory(ctx context.Context, id ark.ID) ([]hub.HouseholdEdition, error)
	RevealHousehold(ctx context.Context, id ark.ID, why string) ([]hub.HouseholdEdition, error)
	PutHouseholds(ctx context.Context, hs []ark.Household, was []ark.ID) error
}

type fleetDesk interface {
	Vans(ctx context.Context) ([]hub.Van, error)
	AsRun(ctx context.Context, f hub.AsRunFilter) ([]hub.Broadcast, error)
	Sounded(ctx context.Context, days []time.Time) ([]map[ark.Language]int, error)
	ExportAsRun(ctx context.Context, f hub.AsRunFilter) (func(before hub.Position) ([]hub.Broadcast, error), error)
	Broadcasts(ctx context.Context, p hub.Page) ([]hub.Broadcast, error)
	Orders(ctx context.Context, p hub.Page) ([]hub.Order, error)
	Play(ctx context.Context, vans []ark.VanID, p ark.PlayNow) ([]ark.ID, error)
	Stop(ctx context.Context, vans []ark.VanID, s ark.Stop) ([]ark.ID, error)
	Areas(ctx context.Context) (map[ark.VanID][]ark.Place, error)
	SetArea(ctx context.Context, van ark.VanID, area []ark.Place) error
	Quarantine(ctx context.Context, van ark.VanID) ([]hub.Quarantined, error)
	TryAgain(ctx context.Context, van ark.VanID) (released, left int, err error)
	Breaks(ctx context.Context, van ark.VanID) ([]hub.Break, error)
	SeeBreaks(ctx context.Context, van ark.VanID, upTo time.Time) error
	VisitEntries(ctx context.Context, visit ark.ID, from int) (hub.RawPage, error)
}

type peopleDesk interface {
	CrewMembers(ctx context.Context) ([]hub.CrewMember, error)
	SetCrewMember(ctx context.Context, m hub.CrewMember) error
	VanPhones(ctx context.Context) ([]hub.VanPhone, error)
	StrikePhone(ctx context.Context, van ark.VanID, id ark.ID) error
	Form(ctx context.Context) (ark.Form, error)
	FormOf(ctx context.Context, version int64) (ark.Form, error)
	SetForm(ctx context.Context, f ark.Form, from int64) (ark.Form, error)
}

type libraryDesk interface {
	Editions(ctx context.Context) ([]hub.Edition, error)
	History(ctx context.Context, id ark.AnnouncementID) ([]hub.Edition, error)
	AddEdition(ctx context.Context, a ark.Announcement, from int) (hub.Edition, error)
	Withdraw(ctx context.Context, id ark.AnnouncementID, withdrawn bool) error
	Languages(ctx context.Context) ([]ark.Language, error)
	SetLanguages(ctx context.Context, languages []ark.Language) error
	LibraryVersion(ctx context.Context) (int64, error)
	OpenRecording(ctx context.Context, id ark.AnnouncementID, h ark.Hash) (hub.Blob, error)
	KeepRecording(ctx context.Context, r io.Reader, size int64) (ark.Hash, int64, error)
}

type planDesk interface {
	PlanRows(ctx context.Context) ([]hub.PlanRow, error)
	SetPlanRow(ctx context.Context, row hub.PlanRow) error
	RemovePlanRow(ctx context.Context, id ark.ID) error
	Settings(ctx context.Context, van ark.VanID) (s ark.Settings, own bool, err error)
	SetSettings(ctx context.Context, van ark.VanID, s *ark.Settings) error
}

type auditDesk interface {
	Deeds(ctx context.Context, f hub.AuditFilter, after hub.AuditPlace, limit int) ([]hub.AuditEntry, error)
	ExportDeeds(ctx context.Context, f hub.AuditFilter, format string) (func(after hub.AuditPlace, limit int) ([]hub.AuditEntry, error), error)
	AuditHead(ctx context.Context) (hub.AuditHead, error)
	CheckAudit(ctx context.Context, progress func(done, most int64)) (hub.AuditCheck, error)
}

type deskKey struct{}

// seat gives a request the desk of whoever is signed in.
func (c *Console) seat(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), deskKey{}, c.c.Desk(staffOf(r))))
}

// desk is the desk of a request that came through session.
func desk(ctx context.Context) Desk { return ctx.Value(deskKey{}).(Desk) }
