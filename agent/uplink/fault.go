package uplink

import (
	"crypto/x509"
	"errors"
	"strings"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"ark"
	"ark/agent"
)

// What cannot be mended by the network.
var (
	errCard  = errors.New("the journal cannot be read")
	errFiles = errors.New("certificate, key or authority cannot be used")
)

// faultOf names why there is no connection; the names are agent.Fault….
func faultOf(err error) string {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case err == nil:
		return agent.FaultUnreachable
	case errors.Is(err, errCard):
		return agent.FaultCard
	case errors.Is(err, errFiles):
		return agent.FaultUnreadable
	case errors.As(err, &unknown):
		return agent.FaultHubForeign
	case errors.As(err, &host):
		return agent.FaultHubName
	case errors.As(err, &invalid):
		return agent.FaultHubCertificate
	case errors.Is(err, packets.ErrorRefusedNotAuthorised), errors.Is(err, packets.ErrorRefusedIDRejected):
		return agent.FaultNotAdmitted
	}
	text := err.Error() // TLS alerts of the peer have no types
	for part, fault := range map[string]string{
		"tls: expired certificate":            agent.FaultExpired,
		"tls: unknown certificate authority":  agent.FaultForeign,
		"tls: bad certificate":                agent.FaultForeign,
		"tls: certificate required":           agent.FaultForeign,
		"tls: revoked certificate":            agent.FaultNotAdmitted,
		"x509: certificate signed by unknown": agent.FaultHubForeign,
		"x509: certificate has expired":       agent.FaultHubCertificate,
		"x509: certificate is valid for":      agent.FaultHubName,
		"not Authorized":                      agent.FaultNotAdmitted,
		"identifier rejected":                 agent.FaultNotAdmitted,
	} {
		if strings.Contains(text, part) {
			return fault
		}
	}
	return agent.FaultUnreachable
}

func faultOfRefusal(r ark.Refusal) string {
	switch r {
	case ark.RefusedStore:
		return agent.FaultHubStore
	case ark.RefusedVersion:
		return agent.FaultHubOld
	case ark.RefusedVan, ark.RefusedIncarnate:
		return agent.FaultJournal
	}
	return agent.FaultGarbled
}
