package desk

import "ark/hub"

// record is when a duty goes on record.
type record uint8

const (
	always  record = iota
	ifAsked        // only where something is asked for: a list of everything is shown to everybody
	never          // it is about nobody, and needed to read what is; that it was refused goes on record all the same
)

// duty is what a method of Desk needs and leaves.
type duty struct {
	role   hub.Role // empty: everybody who asks, also who is not signed in
	verb   hub.Verb
	kind   string // of the object
	record record
	whole  bool // it concerns the whole town: the sight must be the whole
	person bool // it is nothing for a program that acts for somebody
	paced  bool // it shows one person as they are: nobody goes through all of them so
}

// duties are all methods of Desk by their names. Lists in which people are
// named are searches, whatever is asked for.
var duties = map[string]duty{
	"FindVisits":        {role: hub.RoleReader, verb: hub.VerbSearch, kind: hub.ObjectVisit},
	"CountVisits":       {role: hub.RoleReader, verb: hub.VerbSearch, kind: hub.ObjectVisit},
	"AnyVisit":          {role: hub.RoleReader, verb: hub.VerbSearch, kind: hub.ObjectVisit, record: never},
	"Waiting":           {role: hub.RoleReviewer, verb: hub.VerbSearch, kind: hub.ObjectVisit, record: never},
	"ExportVisits":      {role: hub.RoleReader, verb: hub.VerbExport, kind: hub.ObjectVisit},
	"ExportVisitsWhole": {role: hub.RoleReviewer, verb: hub.VerbExport, kind: hub.ObjectVisit},
	"VisitsSince":       {role: hub.RoleReader, verb: hub.VerbSearch, kind: hub.ObjectVisit},
	"MapVisits":         {role: hub.RoleReader, verb: hub.VerbSearch, kind: hub.ObjectVisit, record: ifAsked},
	"VisitChoices":      {role: hub.RoleReader, verb: hub.VerbSearch, kind: hub.ObjectVisit, record: never},
	"VisitsBox":         {role: hub.RoleReader, verb: hub.VerbSearch, kind: hub.ObjectVisit, record: never},
	"VisitsAsOf":        {role: hub.RoleReader, verb: hub.VerbSearch, kind: hub.ObjectVisit, record: never},
	"SeeVisits":         {role: hub.RoleReader, verb: hub.VerbSearch, kind: hub.ObjectVisit},
	"Overview":          {role: hub.RoleReader, verb: hub.VerbView, kind: hub.ObjectVisit},
	"SeeOverview":       {role: hub.RoleReader, verb: hub.VerbView, kind: hub.ObjectVisit},
	"VisitRecord":       {role: hub.RoleReader, verb: hub.VerbView, kind: hub.ObjectVisit},
	"RevealVisit":       {role: hub.RoleReviewer, verb: hub.VerbReveal, kind: hub.ObjectVisit, paced: true},
	"FilesHere":         {role: hub.RoleReader, verb: hub.VerbView, kind: hub.ObjectVisit, record: never},
	"OpenFile":          {role: hub.RoleReader, verb: hub.VerbPlay, kind: hub.ObjectFile},
	"SetReview":         {role: hub.RoleReviewer, verb: hub.VerbChange, kind: hub.ObjectVisit},
	"TakeBack":          {role: hub.RoleReviewer, verb: hub.VerbChange, kind: hub.ObjectVisit},
	"SetAssigned":       {role: hub.RoleReviewer, verb: hub.VerbChange, kind: hub.ObjectVisit},
	"AddComment":        {role: hub.RoleReviewer, verb: hub.VerbChange, kind: hub.ObjectVisit},
	"RemoveComment":     {role: hub.RoleReviewer, verb: hub.VerbChange, kind: hub.ObjectVisit},
	"ReviewLoad":        {role: hub.RoleReader, verb: hub.VerbSearch, kind: hub.ObjectVisit, record: never},
	"SavedViews":        {role: hub.RoleReader, verb: hub.VerbView, kind: hub.ObjectSavedView, record: never},
	"SaveView":          {role: hub.RoleReader, verb: hub.VerbChange, kind: hub.ObjectSavedView},
	"RemoveView":        {role: hub.RoleReader, verb: hub.VerbChange, kind: hub.ObjectSavedView},
	"RestoreView":       {role: hub.RoleReader, verb: hub.VerbChange, kind: hub.ObjectSavedView, person: true},
	"Reviewers":         {role: hub.RoleReader, verb: hub.VerbView, kind: hub.ObjectAccount, record: never},

	"Households":            {role: hub.RoleReader, verb: hub.VerbSearch, kind: hub.ObjectHousehold},
	"AnyHousehold":          {role: hub.RoleReader, verb: hub.VerbSearch, kind: hub.ObjectHousehold, record: never},
	"RevealHouseholds":      {role: hub.RoleReviewer, verb: hub.VerbReveal, kind: hub.ObjectHousehold},
	"ExportHouseholds":      {role: hub.RoleReader, verb: hub.VerbExport, kind: hub.ObjectHousehold},
	"ExportHouseholdsWhole": {role: hub.RoleReviewer, verb: hub.VerbExport, kind: hub.ObjectHousehold},
	"HouseholdHistory":      {role: hub.RoleReader, verb: hub.VerbView, kind: hub.ObjectHousehold},
	"RevealHousehold":       {role: hub.RoleReviewer, verb: hub.VerbReveal, kind: hub.ObjectHousehold, paced: true},
	"PutHouseholds":         {role: hub.RoleReviewer, verb: hub.VerbChange, kind: hub.ObjectHousehold},

	"Vans":        {role: hub.RoleReader, verb: hub.VerbView, kind: hub.ObjectVan, record: never},
	"Broadcasts":  {role: hub.RoleReader, verb: hub.VerbSearch, kind: hub.ObjectBroadcast, record: ifAsked},
	"AsRun":       {role: hub.RoleReader, verb: hub.VerbSearch, kind: hub.ObjectBroadcast, record: ifAsked},
	"Sounded":     {role: hub.RoleReader, verb: hub.VerbView, kind: hub.ObjectBroadcast, record: never},
	"ExportAsRun": {role: hub.RoleReader, verb: hub.VerbExport, kind: hub.ObjectBroadcast},
	"Orders":      {role: hub.RoleReader, verb: hub.VerbSearch, kind: hub.ObjectOrder, record: never},
	"Play":        {role: hub.RoleAnnouncer, verb: hub.VerbOrder, kind: hub.ObjectVan},
	"Stop":        {role: hub.RoleAnnouncer, verb: hub.VerbOrder, kind: hub.ObjectVan},
	"Areas":       {role: hub.RoleReader, verb: hub.VerbView, kind: hub.ObjectArea, record: never},
	"SetArea":     {role: hub.RoleTechnician, verb: hub.VerbChange, kind: hub.ObjectArea},

	"Quarantine": {role: hub.RoleTechnician, verb: hub.VerbView, kind: hub.ObjectVan, record: never},
	"TryAgain":   {role: hub.RoleTechnician, verb: hub.VerbChange, kind: hub.ObjectVan},
	"Breaks":     {role: hub.RoleTechnician, verb: hub.VerbView, kind: hub.ObjectVan, record: never},
	"SeeBreaks":  {role: hub.RoleTechnician, verb: hub.VerbChange, kind: hub.ObjectVan},

	"VisitEntries": {role: hub.RoleTechnician, verb: hub.VerbReveal, kind: hub.ObjectVisit, paced: true},

	"Deeds":       {role: hub.RoleAdministrator, verb: hub.VerbSearch, kind: hub.ObjectAudit, whole: true},
	"ExportDeeds": {role: hub.RoleAdministrator, verb: hub.VerbExport, kind: hub.ObjectAudit, whole: true},
	"AuditHead":   {role: hub.RoleAdministrator, verb: hub.VerbView, kind: hub.ObjectAudit, record: never, whole: true},
	"CheckAudit":  {role: hub.RoleAdministrator, verb: hub.VerbView, kind: hub.ObjectAudit, whole: true},

	"CrewMembers":   {role: hub.RoleTechnician, verb: hub.VerbSearch, kind: hub.ObjectCrew},
	"SetCrewMember": {role: hub.RoleTechnician, verb: hub.VerbChange, kind: hub.ObjectCrew},
	"VanPhones":     {role: hub.RoleReader, verb: hub.VerbSearch, kind: hub.ObjectPhone, record: never},
	"StrikePhone":   {role: hub.RoleTechnician, verb: hub.VerbChange, kind: hub.ObjectPhone},
	"Form":          {role: hub.RoleReader, verb: hub.VerbView, kind: hub.ObjectForm, record: never},
	"FormOf":        {role: hub.RoleReader, verb: hub.VerbView, kind: hub.ObjectForm, record: never},
	"SetForm":       {role: hub.RoleTechnician, verb: hub.VerbChange, kind: hub.ObjectForm, whole: true},

	"Editions":       {role: hub.RoleReader, verb: hub.VerbView, kind: hub.ObjectAnnouncement, record: never},
	"History":        {role: hub.RoleReader, verb: hub.VerbView, kind: hub.ObjectAnnouncement, record: never},
	"Languages":      {role: hub.RoleReader, verb: hub.VerbView, kind: hub.ObjectAnnouncement, record: never},
	"LibraryVersion": {role: hub.RoleReader, verb: hub.VerbView, kind: hub.ObjectAnnouncement, record: never},
	"OpenRecording":  {role: hub.RoleReader, verb: hub.VerbPlay, kind: hub.ObjectFile, record: never},
	"KeepRecording":  {role: hub.RoleAnnouncer, verb: hub.VerbChange, kind: hub.ObjectFile},
	"AddEdition":     {role: hub.RoleAnnouncer, verb: hub.VerbChange, kind: hub.ObjectAnnouncement},
	"Withdraw":       {role: hub.RoleAnnouncer, verb: hub.VerbChange, kind: hub.ObjectAnnouncement},
	"SetLanguages":   {role: hub.RoleAnnouncer, verb: hub.VerbChange, kind: hub.ObjectAnnouncement, whole: true},

	"PlanRows":      {role: hub.RoleReader, verb: hub.VerbView, kind: hub.ObjectPlan, record: never},
	"SetPlanRow":    {role: hub.RoleAnnouncer, verb: hub.VerbChange, kind: hub.ObjectPlan},
	"RemovePlanRow": {role: hub.RoleAnnouncer, verb: hub.VerbChange, kind: hub.ObjectPlan},
	"Settings":      {role: hub.RoleReader, verb: hub.VerbView, kind: hub.ObjectSettings, record: never},
	"SetSettings":   {role: hub.RoleTechnician, verb: hub.VerbChange, kind: hub.ObjectSettings},

	"Accounts":      {role: hub.RoleAdministrator, verb: hub.VerbView, kind: hub.ObjectAccount, record: never, person: true},
	"Account":       {role: hub.RoleAdministrator, verb: hub.VerbView, kind: hub.ObjectAccount, record: never, person: true},
	"MakeAccount":   {role: hub.RoleAdministrator, verb: hub.VerbChange, kind: hub.ObjectAccount, person: true},
	"SetAccount":    {role: hub.RoleAdministrator, verb: hub.VerbChange, kind: hub.ObjectAccount, person: true},
	"HandPassword":  {role: hub.RoleAdministrator, verb: hub.VerbChange, kind: hub.ObjectAccount, person: true},
	"ResetProofs":   {role: hub.RoleAdministrator, verb: hub.VerbChange, kind: hub.ObjectAccount, person: true},
	"SessionsOf":    {role: hub.RoleAdministrator, verb: hub.VerbView, kind: hub.ObjectSession, record: never, person: true},
	"EndSessionsOf": {role: hub.RoleAdministrator, verb: hub.VerbSignOut, kind: hub.ObjectSession, person: true},
	"TokensOf":      {role: hub.RoleAdministrator, verb: hub.VerbView, kind: hub.ObjectToken, record: never, person: true},
	"RemoveTokenOf": {role: hub.RoleAdministrator, verb: hub.VerbChange, kind: hub.ObjectToken, person: true},

	"SetOwnPassword": {role: hub.RoleReader, verb: hub.VerbChange, kind: hub.ObjectAccount, person: true},
	"SetOwnApp":      {role: hub.RoleReader, verb: hub.VerbChange, kind: hub.ObjectAccount, person: true},
	"UnsetOwnApp":    {role: hub.RoleReader, verb: hub.VerbChange, kind: hub.ObjectAccount, person: true},
	"NewOwnCodes":    {role: hub.RoleReader, verb: hub.VerbChange, kind: hub.ObjectAccount, person: true},
	"AddOwnKey":      {role: hub.RoleReader, verb: hub.VerbChange, kind: hub.ObjectAccount, person: true},
	"RemoveOwnKey":   {role: hub.RoleReader, verb: hub.VerbChange, kind: hub.ObjectAccount, person: true},
	"OwnKeys":        {role: hub.RoleReader, verb: hub.VerbView, kind: hub.ObjectAccount, record: never, person: true},
	"OwnSessions":    {role: hub.RoleReader, verb: hub.VerbView, kind: hub.ObjectSession, record: never, person: true},
	"EndOwnSessions": {role: hub.RoleReader, verb: hub.VerbSignOut, kind: hub.ObjectSession, person: true},
	"OwnTokens":      {role: hub.RoleReader, verb: hub.VerbView, kind: hub.ObjectToken, record: never, person: true},
	"MakeOwnToken":   {role: hub.RoleReader, verb: hub.VerbChange, kind: hub.ObjectToken, person: true},
	"EndOwnTokens":   {role: hub.RoleReader, verb: hub.VerbChange, kind: hub.ObjectToken, person: true},
	"RemoveOwnToken": {role: hub.RoleReader, verb: hub.VerbChange, kind: hub.ObjectToken, person: true},
}
