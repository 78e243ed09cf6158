package files

import (
	"net/http"

	"ark/internal/uploads"
	"ark/internal/web"
)

// textOf says which text goes with a word.
func textOf(word string) string {
	switch word {
	case "too-many", "locked", "too-slow", "offset":
		return "file.busy"
	}
	if _, ok := texts["file."+word]; ok {
		return "file." + word
	}
	return "file.protocol"
}

// refuse answers in the API's form of errors.
func refuse(w http.ResponseWriter, r *http.Request, why *uploads.Refusal) {
	web.JSON(w, why.Status, struct {
		Error   string `json:"error"`
		Message string `json:"message"`
	}{why.Word, texts.In(web.LangOf(r), textOf(why.Word))})
}
