package console

import "ark/internal/web"

// officeTexts are those of schedules, settings and the as-run log.
var officeTexts = web.Texts{}
