package ark

// TimeWord is the hub's signed word of time.
type TimeWord struct {
	Nonce     [8]byte   `cbor:"1,keyasint"`
	Wall      UnixMilli `cbor:"2,keyasint"`
	Signature []byte    `cbor:"3,keyasint"`
}
