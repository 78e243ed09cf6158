package front

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"strings"
)

// mobileConfig is a configuration profile for iOS with one certificate (Apple,
// Configuration Profile Reference, com.apple.security.root). Its identifiers
// come from the certificate, so that installing it again replaces it. It is
// not signed: the phone says so, and whoever signed it would be unknown to the
// phone as well.
func mobileConfig(root *x509.Certificate) []byte {
	name := root.Subject.CommonName
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>PayloadContent</key><array><dict>
<key>PayloadCertificateFileName</key><string>ark-house-ca.cer</string>
<key>PayloadContent</key><data>` + base64.StdEncoding.EncodeToString(root.Raw) + `</data>
<key>PayloadType</key><string>com.apple.security.root</string>
`)
	entry := func(key, value string) {
		fmt.Fprintf(&b, "<key>%s</key><string>", key)
		xml.EscapeText(&b, []byte(value)) // a buffer takes everything
		b.WriteString("</string>\n")
	}
	about := func(part string) {
		id := uuidOf(part, root)
		entry("PayloadIdentifier", `internal.ark.`+part+"."+id)
		entry("PayloadUUID", id)
		entry("PayloadDisplayName", name)
		b.WriteString("<key>PayloadVersion</key><integer>1</integer>\n")
	}
	about("certificate")
	b.WriteString("</dict></array>\n")
	entry("PayloadType", "Configuration")
	entry("PayloadDescription", "让这部手机信任方舟车的网页。只对车的网址有效。 / Lets this phone trust the pages of the vans, and of nobody else.")
	about("profile")
	b.WriteString("</dict></plist>\n")
	return b.Bytes()
}

// uuidOf is a UUID (RFC 9562, 5.8) for a part of the profile of a certificate.
func uuidOf(part string, root *x509.Certificate) string {
	sum := sha256.Sum256(append([]byte(part+"\n"), root.Raw...))
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80
	return strings.ToUpper(fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16]))
}

// fingerprint is a certificate's SHA-256, in groups that can be read out.
func fingerprint(cert *x509.Certificate) (groups []string) {
	sum := sha256.Sum256(cert.Raw)
	for i := 0; i < len(sum); i += 4 {
		groups = append(groups, fmt.Sprintf("%X", sum[i:i+4]))
	}
	return groups
}
