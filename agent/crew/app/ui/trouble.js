// What went wrong, in words that say what to do. The van's own words for people come with its refusals.
import { known, t } from "./say.js";
import { texts } from "../texts.js";

// trouble is a sentence about an error of the engine: {word, message} from the van, or one of its own.
export function trouble(err) {
  const word = err?.word ?? err?.code ?? err?.error;
  if (word && texts["trouble." + word]) return known("trouble.", word);
  if (err?.name === "QuotaExceededError") return t("trouble.full");
  return err?.van || err?.status ? err.message || t("trouble.other") : t("trouble.other");
}
