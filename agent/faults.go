package agent

// Why a van is not in touch with the hub, or the hub cannot take what it
// sends: stable words that pages translate.
const (
	FaultUnreachable    = "unreachable"             // no network, or nobody answers
	FaultExpired        = "certificate-expired"     // the van's certificate
	FaultUnreadable     = "certificate-unreadable"  // the files on the van: missing, damaged, not a pair
	FaultCard           = "card-out"                // the van's own card: there is no journal to send from
	FaultForeign        = "certificate-foreign"     // of another authority
	FaultNotAdmitted    = "not-admitted"            // revoked, or never added
	FaultHubForeign     = "hub-foreign"             // the hub's certificate is of another authority
	FaultHubName        = "hub-name"                // the hub's certificate is for another name
	FaultHubCertificate = "hub-certificate-expired" // or not valid for another reason
	FaultHubStore       = "hub-cannot-store"        // the hub's disk is full, say
	FaultHubOld         = "hub-too-old"             // an older release than the van's
	FaultJournal        = "journal-refused"         // another van's journal, or too many of them
	FaultGarbled        = "garbled"                 // the hub could not read what came
)
