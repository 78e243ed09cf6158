package main

import (
	"bytes"
	"os"
	"testing"
)

func TestMakesTheCommittedDictionary(t *testing.T) {
	want, err := os.ReadFile("../001.zdict")
	if err != nil {
		t.Fatal(err)
	}
	got, err := train(1)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("the trainer makes %d bytes, unlike the %d of dict/001.zdict: a dictionary that was released never changes; make a new one", len(got), len(want))
	}
}

func TestCoverPrefersWhatIsCommon(t *testing.T) {
	var samples [][]byte
	for i := range 50 {
		samples = append(samples, []byte("unlike "+string(rune('a'+i%26))+string(rune('A'+i/2))+" common to all of them"))
	}
	got := cover(samples, 40)
	if !bytes.Contains(got, []byte("common to all of them")) || len(got) > 40 {
		t.Fatalf("%q", got)
	}
}
