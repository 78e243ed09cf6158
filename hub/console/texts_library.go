package console

import "ark/internal/web"

// libraryTexts are those of the announcement library.
var libraryTexts = web.Texts{}
